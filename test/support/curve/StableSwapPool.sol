// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// What the keeper reads of a StableSwap pool, and `get_dy` by the pool's arithmetic in 256-bit words. Written from the
/// published formulas (Egorov 2019; docs.curve.finance) as an oracle for tests: no transfers, no shares, no owner.
/// `precise` gives A the factor 100; `next` is the generation with stored rates and a fee that grows off the peg.
contract StableSwapPool {
    address[] private _coins;
    uint256[] private _balances;
    uint256[] private _rates;
    uint256 private immutable _amp;
    bool private immutable _precise;
    bool private immutable _next;
    uint256 public immutable fee;
    uint256 private immutable _multiplier;

    error Missing();

    constructor(
        address[] memory coins_,
        uint256[] memory balances_,
        uint256[] memory rates_,
        uint256 amp,
        bool precise,
        bool next,
        uint256 fee_,
        uint256 multiplier
    ) {
        (_coins, _balances, _rates) = (coins_, balances_, rates_);
        (_amp, _precise, _next, fee, _multiplier) = (amp, precise, next, fee_, multiplier);
    }

    function coins(uint256 k) external view returns (address) {
        return _coins[k];
    }

    function balances(uint256 k) external view returns (uint256) {
        return _balances[k];
    }

    function A() external view returns (uint256) {
        return _precise ? _amp / 100 : _amp;
    }

    function A_precise() external view returns (uint256) {
        if (!_precise) revert Missing();
        return _amp;
    }

    function stored_rates() external view returns (uint256[] memory) {
        if (!_next) revert Missing();
        return _rates;
    }

    function offpeg_fee_multiplier() external view returns (uint256) {
        if (!_next) revert Missing();
        return _multiplier;
    }

    function get_dy(int128 from, int128 to, uint256 dx) external view returns (uint256) {
        uint256 i = uint256(uint128(from));
        uint256 j = uint256(uint128(to));
        uint256[] memory scaled = new uint256[](_coins.length);
        for (uint256 k; k < scaled.length; ++k) scaled[k] = (_rates[k] * _balances[k]) / 1e18;
        uint256 x = scaled[i] + (dx * _rates[i]) / 1e18;
        uint256 y = _balanceAfter(scaled, i, j, x);
        uint256 gross = scaled[j] - y - 1;
        if (!_next) {
            uint256 dy = (gross * 1e18) / _rates[j];
            return dy - (fee * dy) / 1e10;
        }
        uint256 rate = _feeAt((scaled[i] + x) / 2, (scaled[j] + y) / 2);
        return ((gross - (rate * gross) / 1e10) * 1e18) / _rates[j];
    }

    function _feeAt(uint256 a, uint256 b) private view returns (uint256) {
        if (_multiplier <= 1e10) return fee;
        uint256 squared = (a + b) ** 2;
        return (_multiplier * fee) / (((_multiplier - 1e10) * 4 * a * b) / squared + 1e10);
    }

    function _invariant(uint256[] memory scaled) private view returns (uint256 d) {
        uint256 n = scaled.length;
        uint256 sum;
        for (uint256 k; k < n; ++k) sum += scaled[k];
        uint256 precision = _precise ? 100 : 1;
        uint256 ann = _amp * n;
        d = sum;
        for (uint256 round; round < 255; ++round) {
            uint256 p = d;
            for (uint256 k; k < n; ++k) p = _next ? (p * d) / scaled[k] : (p * d) / (scaled[k] * n);
            if (_next) p /= n ** n;
            uint256 before = d;
            d = (((ann * sum) / precision + p * n) * d) / (((ann - precision) * d) / precision + (n + 1) * p);
            if (d > before ? d - before <= 1 : before - d <= 1) return d;
        }
    }

    function _balanceAfter(uint256[] memory scaled, uint256 i, uint256 j, uint256 x) private view returns (uint256 y) {
        uint256 d = _invariant(scaled);
        uint256 n = scaled.length;
        uint256 precision = _precise ? 100 : 1;
        uint256 c = d;
        uint256 sum;
        for (uint256 k; k < n; ++k) {
            if (k == j) continue;
            uint256 other = k == i ? x : scaled[k];
            sum += other;
            c = (c * d) / (other * n);
        }
        c = (c * d * precision) / (_amp * n * n);
        uint256 b = sum + (d * precision) / (_amp * n);
        y = d;
        for (uint256 round; round < 255; ++round) {
            uint256 before = y;
            y = (y * y + c) / (2 * y + b - d);
            if (y > before ? y - before <= 1 : before - y <= 1) return y;
        }
    }
}
