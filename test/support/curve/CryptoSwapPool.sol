// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// What the keeper reads of a two-coin CryptoSwap pool of version 2, and `get_dy` by the pool's arithmetic in 256-bit
/// words. Written from the published formulas (Egorov 2021; docs.curve.finance) as an oracle for tests.
contract CryptoSwapPool {
    struct Numbers {
        uint256 price_scale;
        uint256 A;
        uint256 gamma;
        uint256 D;
        uint256 mid_fee;
        uint256 out_fee;
        uint256 fee_gamma;
        uint256 future_A_gamma_time;
    }

    address[2] private _coins;
    uint256[2] private _balances;
    uint256[2] private _precisions;
    Numbers private _n;

    error NotSafe();

    constructor(address[2] memory coins_, uint256[2] memory balances_, uint256[2] memory precisions, Numbers memory n) {
        (_coins, _balances, _precisions, _n) = (coins_, balances_, precisions, n);
        if (n.D == 0) _n.D = invariant(_scaled(balances_));
    }

    function coins(uint256 k) external view returns (address) {
        return _coins[k];
    }

    function balances(uint256 k) external view returns (uint256) {
        return _balances[k];
    }

    function price_scale() external view returns (uint256) {
        return _n.price_scale;
    }

    function A() external view returns (uint256) {
        return _n.A;
    }

    function gamma() external view returns (uint256) {
        return _n.gamma;
    }

    function D() external view returns (uint256) {
        return _n.D;
    }

    function future_A_gamma_time() external view returns (uint256) {
        return _n.future_A_gamma_time;
    }

    function mid_fee() external view returns (uint256) {
        return _n.mid_fee;
    }

    function out_fee() external view returns (uint256) {
        return _n.out_fee;
    }

    function fee_gamma() external view returns (uint256) {
        return _n.fee_gamma;
    }

    function get_dy(uint256 i, uint256 j, uint256 dx) external view returns (uint256 dy) {
        uint256 d = _n.future_A_gamma_time > 0 ? invariant(_scaled(_balances)) : _n.D;
        uint256 scale = _n.price_scale * _precisions[1];
        uint256[2] memory held = _balances;
        held[i] += dx;
        uint256[2] memory x = [held[0] * _precisions[0], (held[1] * scale) / 1e18];
        uint256 y = balanceAfter(x, d, j);
        dy = x[j] - y - 1;
        x[j] = y;
        dy = j > 0 ? (dy * 1e18) / scale : dy / _precisions[0];
        dy -= (_fee(x) * dy) / 1e10;
    }

    function _scaled(uint256[2] memory held) private view returns (uint256[2] memory) {
        return [held[0] * _precisions[0], (held[1] * _precisions[1] * _n.price_scale) / 1e18];
    }

    function _fee(uint256[2] memory x) private view returns (uint256) {
        uint256 f = x[0] + x[1];
        f = (_n.fee_gamma * 1e18) / (_n.fee_gamma + 1e18 - (((4e18 * x[0]) / f) * x[1]) / f);
        return (_n.mid_fee * f + _n.out_fee * (1e18 - f)) / 1e18;
    }

    function _first(uint256 d, uint256 g) private view returns (uint256) {
        return (((((1e18 * d) / _n.gamma) * g) / _n.gamma) * g * 10000) / _n.A;
    }

    function _apart(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a - b : b - a;
    }

    function balanceAfter(uint256[2] memory x, uint256 d, uint256 j) public view returns (uint256 y) {
        if (d < 1e17 || d > 1e33) revert NotSafe();
        uint256 other = x[1 - j];
        y = d ** 2 / (other * 4);
        uint256 half = (2e18 * other) / d;
        if (half < 2e16 || half > 2e20) revert NotSafe();
        uint256 limit = other / 1e14 > d / 1e14 ? other / 1e14 : d / 1e14;
        if (limit < 100) limit = 100;
        for (uint256 round; round < 255; ++round) {
            uint256 before = y;
            (bool stays, uint256 next) = _step(y, other, d, half);
            y = next;
            if (stays) continue;
            if (_apart(y, before) < (limit > y / 1e14 ? limit : y / 1e14)) {
                uint256 share = (y * 1e18) / d;
                if (share < 1e16 || share > 1e20) revert NotSafe();
                return y;
            }
        }
        revert NotSafe();
    }

    function _step(uint256 y, uint256 other, uint256 d, uint256 half) private view returns (bool, uint256) {
        uint256 k0 = (half * y * 2) / d;
        uint256 g = _apart(_n.gamma + 1e18, k0) + 1;
        uint256 mul1 = _first(d, g);
        uint256 mul2 = 1e18 + (2e18 * k0) / g;
        uint256 slope = 1e18 * y + (other + y) * mul2 + mul1;
        if (slope < d * mul2) return (true, y / 2);
        slope -= d * mul2;
        uint256 fprime = slope / y;
        uint256 plus = (slope + 1e18 * d) / fprime + ((mul1 / fprime) * 1e18) / k0;
        uint256 minus = mul1 / fprime + (1e18 * (other + y)) / fprime;
        return (false, plus < minus ? y / 2 : plus - minus);
    }

    function invariant(uint256[2] memory unsorted) public view returns (uint256 d) {
        (uint256 high, uint256 low) =
            unsorted[0] < unsorted[1] ? (unsorted[1], unsorted[0]) : (unsorted[0], unsorted[1]);
        if (high < 1e9 || high > 1e33 || (low * 1e18) / high < 1e14) revert NotSafe();
        d = 2 * _mean(high, low);
        for (uint256 round; round < 255; ++round) {
            uint256 before = d;
            d = _improve(d, high, low);
            if (_apart(d, before) * 1e14 < (d > 1e16 ? d : 1e16)) {
                if ((high * 1e18) / d > 1e20 || (low * 1e18) / d < 1e16) revert NotSafe();
                return d;
            }
        }
        revert NotSafe();
    }

    function _improve(uint256 d, uint256 high, uint256 low) private view returns (uint256) {
        uint256 k0 = (((4e18 * high) / d) * low) / d;
        uint256 g = _apart(_n.gamma + 1e18, k0) + 1;
        uint256 mul1 = _first(d, g);
        uint256 mul2 = (4e18 * k0) / g;
        uint256 sum = high + low;
        uint256 slope = sum + (sum * mul2) / 1e18 + (mul1 * 2) / k0 - (mul2 * d) / 1e18;
        uint256 plus = (d * (slope + sum)) / slope;
        uint256 minus = (d * d) / slope;
        uint256 step = (((d * (mul1 / slope)) / 1e18) * _apart(1e18, k0)) / k0;
        minus = 1e18 > k0 ? minus + step : minus - step;
        return plus > minus ? plus - minus : (minus - plus) / 2;
    }

    function _mean(uint256 high, uint256 low) private pure returns (uint256 mean) {
        mean = high;
        for (uint256 round; round < 255; ++round) {
            uint256 before = mean;
            mean = (mean + (high * low) / mean) / 2;
            if (_apart(mean, before) <= 1 || _apart(mean, before) * 1e18 < mean) return mean;
        }
        revert NotSafe();
    }
}
