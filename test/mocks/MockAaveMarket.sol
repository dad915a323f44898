// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title The collateral side of an Aave v3 market in one contract: provider, pool and configurator, 3.0 or 3.6.
/// @notice Warning: for tests only, and without roles. It follows `PoolConfigurator` in what it refuses and in what a
/// frozen or LTV-zeroed reserve does with its LTV; the difference between versions is the pending LTV.
contract MockAaveMarket {
    uint256 private constant FROZEN = 1 << 57;
    uint256 private constant PAUSED = 1 << 60;
    uint256 private constant LTV = 0xffff;

    /// @dev a pool that does not do what it is told, for testing post-conditions
    enum Fault {
        NONE,
        LTV_KEPT,
        THRESHOLD_OFF_BY_ONE,
        BONUS_OFF_BY_ONE,
        OTHER_BIT,
        PENDING_APPLIED,
        CAP_KEPT
    }

    bool public immutable keepsPending;
    Fault public fault;
    uint256 public writes;
    /// @notice What is supplied, in the smallest unit: this contract is its own deposit token too.
    uint256 public totalSupply;
    mapping(address asset => uint256) public getConfiguration;
    mapping(address asset => uint256) private _pending;

    error InvalidReserveParams();
    error InvalidSupplyCap();
    error InvalidFreezeState();
    error InvalidLtvzeroState();
    error ReserveFrozen();

    constructor(bool keepsPending_) {
        keepsPending = keepsPending_;
    }

    function getPool() external view returns (address) {
        return address(this);
    }

    function getPoolConfigurator() external view returns (address) {
        return address(this);
    }

    function getPendingLtv(address asset) external view returns (uint256) {
        // 3.0 has no such function. The real one reverts; a proxy that swallows unknown calls answers nothing.
        if (!keepsPending) {
            assembly {
                return(0, 0)
            }
        }
        return _pending[asset];
    }

    /// @notice Puts a reserve into any state, past every check.
    function put(address asset, uint256 ltv, uint256 threshold, uint256 bonus) external {
        // decimals 18, active, borrowing on: bits that must stay
        getConfiguration[asset] = ltv | threshold << 16 | bonus << 32 | 18 << 48 | 1 << 56 | 1 << 58;
        delete _pending[asset];
    }

    function setTotalSupply(uint256 amount) external {
        totalSupply = amount;
    }

    function getReserveData(address asset)
        external
        view
        returns (uint256, uint256, uint256, uint256, uint256, uint256, uint256, uint256, address)
    {
        return (getConfiguration[asset], 0, 0, 0, 0, 0, 0, 0, address(this));
    }

    function setSupplyCap(address asset, uint256 cap) external {
        if (cap >= 1 << 36) revert InvalidSupplyCap();
        ++writes;
        uint256 word = getConfiguration[asset];
        if (fault == Fault.OTHER_BIT) word ^= 1 << 58;
        if (fault == Fault.CAP_KEPT) cap = word >> 116 & (1 << 36) - 1;
        getConfiguration[asset] = word & ~uint256(((1 << 36) - 1) << 116) | cap << 116;
    }

    function setFault(Fault fault_) external {
        fault = fault_;
    }

    function configureReserveAsCollateral(address asset, uint256 ltv, uint256 threshold, uint256 bonus) external {
        if (ltv > threshold) revert InvalidReserveParams();
        if (threshold == 0 || bonus <= 10_000) revert InvalidReserveParams();
        // percentMul rounds half up
        if ((threshold * bonus + 5_000) / 10_000 > 10_000) revert InvalidReserveParams();
        ++writes;

        uint256 word = getConfiguration[asset];
        uint256 effective = ltv;
        if (keepsPending) {
            _pending[asset] = word & FROZEN != 0 ? ltv : 0;
            if (word & FROZEN != 0) effective = 0;
        }
        if (fault == Fault.LTV_KEPT) effective = word & LTV;
        if (fault == Fault.PENDING_APPLIED) effective = ltv;
        if (fault == Fault.THRESHOLD_OFF_BY_ONE) --threshold;
        if (fault == Fault.BONUS_OFF_BY_ONE) ++bonus;
        if (fault == Fault.OTHER_BIT) word ^= 1 << 58;
        getConfiguration[asset] = word >> 48 << 48 | effective | threshold << 16 | bonus << 32;
    }

    function setReserveFreeze(address asset, bool freeze) external {
        if ((getConfiguration[asset] & FROZEN != 0) == freeze) revert InvalidFreezeState();
        if (freeze && keepsPending) _zero(asset);
        getConfiguration[asset] ^= FROZEN;
    }

    function setReservePause(address asset, bool pause) external {
        uint256 word = getConfiguration[asset];
        getConfiguration[asset] = pause ? word | PAUSED : word & ~PAUSED;
    }

    /// @dev 3.6; un-freezing there leaves LTV at 0 until this is called.
    function setReserveLtvzero(address asset, bool ltvZero) external {
        uint256 before = getConfiguration[asset];
        if (ltvZero) {
            _zero(asset);
        } else {
            if (before & FROZEN != 0) revert ReserveFrozen();
            if (before & LTV == 0 && _pending[asset] != 0) {
                getConfiguration[asset] = before | _pending[asset];
                delete _pending[asset];
            }
        }
        if (getConfiguration[asset] == before) revert InvalidLtvzeroState();
    }

    function _zero(address asset) private {
        uint256 ltv = getConfiguration[asset] & LTV;
        if (ltv == 0) return;
        _pending[asset] = ltv;
        getConfiguration[asset] ^= ltv;
    }
}
