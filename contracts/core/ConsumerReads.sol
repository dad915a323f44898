// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParametersCore} from "../interfaces/IParametersCore.sol";
import {DoorWord} from "../libraries/DoorWord.sol";
import {Follower} from "../libraries/Follower.sol";
import {Lane} from "../libraries/Group.sol";
import {Profile} from "../libraries/Profile.sol";
import {Own} from "../libraries/Side.sol";
import {BPS_ONE, EPOCH, max, min, timeOf} from "../libraries/Units.sol";
import {MarketBook} from "./MarketBook.sol";

/// @title What consumers read.
/// @dev Run by every consumer in every block, so the two things that cost most in Solidity are left out of it. A struct
/// in memory, cleared, filled in and encoded, is 250 gas: here the words are put where they are returned from, and the
/// functions that end the call so declare the struct as calldata, which allocates nothing. A function of three
/// instructions is 20 gas more than the three: fields are taken out of their words where they are used.
abstract contract ConsumerReads is IParametersCore, MarketBook {
    uint256 private constant INITIAL_OF_CLOSED = BPS_ONE;

    /// @inheritdoc IParametersCore
    function haircuts(uint16 marketId) external view returns (Haircuts calldata) {
        uint256 at = _read(marketId);
        if (at == 0) revert UnknownMarket(marketId);
        assembly ("memory-safe") {
            return(at, 128)
        }
    }

    /// @inheritdoc IParametersCore
    function haircuts(address collateral, address debt) external view returns (Haircuts calldata) {
        uint256 at = _read(_marketOf[collateral][debt]);
        if (at == 0) revert UnknownPair(collateral, debt);
        assembly ("memory-safe") {
            return(at, 128)
        }
    }

    /// @inheritdoc IParametersCore
    function haircutsMany(uint16[] calldata marketIds) external view returns (Haircuts[] memory many) {
        many = new Haircuts[](marketIds.length);
        for (uint256 i; i < marketIds.length; ++i) {
            uint256 at = _read(marketIds[i]);
            if (at == 0) revert UnknownMarket(marketIds[i]);
            Haircuts memory one = many[i];
            assembly ("memory-safe") {
                mcopy(one, at, 128)
            }
        }
    }

    /// @inheritdoc IParametersCore
    function tryHaircuts(uint16 marketId) external view returns (bool, Haircuts calldata) {
        _soft(_read(marketId));
    }

    /// @inheritdoc IParametersCore
    function tryHaircuts(address collateral, address debt) external view returns (bool, Haircuts calldata) {
        _soft(_read(_marketOf[collateral][debt]));
    }

    /// @inheritdoc IParametersCore
    function marketOf(address collateral, address debt) external view returns (uint16) {
        return _marketOf[collateral][debt];
    }

    /// @inheritdoc IParametersCore
    function sequence() external view returns (uint64) {
        return uint64(_door.sequence());
    }

    /// @dev Ends the call with `known` and what was read, or with what is read of an id never listed.
    function _soft(uint256 at) private pure {
        uint256 initial = INITIAL_OF_CLOSED;
        uint256 mode = uint256(Mode.NO_NEW_RISK);
        assembly ("memory-safe") {
            if at {
                mcopy(add(at, 32), at, 128)
                mstore(at, 1)
                return(at, 160)
            }
            at := mload(64)
            mstore(at, 0)
            mstore(add(at, 32), initial)
            mstore(add(at, 64), 0)
            mstore(add(at, 96), 0)
            mstore(add(at, 128), mode)
            return(at, 160)
        }
    }

    /// @dev Where the four words of `Haircuts` are: free memory, not allocated, for the caller to return or copy at once.
    /// 0 when the id was never listed. Cannot revert. Id 0 is lane 4 of a group past the last, which is empty.
    function _read(uint256 marketId) private view returns (uint256 answer) {
        unchecked {
            uint256 at;
            uint256 index;
            Lane lane;
            uint256 minute;
            uint256 from;
            uint256 asOf;
            uint256 seen;
            uint256 initial;
            uint256 shift;
            bool own_;
            // Without the question whether the group is in the array: it has as many as 16 bits can name.
            assembly ("memory-safe") {
                let place := and(sub(marketId, 1), 0xffff)
                at := div(place, 5)
                index := sub(place, mul(at, 5))
                let group := sload(add(_groups.slot, at))
                lane := and(shr(mul(index, 41), group), 0x1ffffffffff)
                minute := div(sub(timestamp(), EPOCH), 60)
                from := and(shr(205, group), 0x1ffffff)
                asOf := sub(from, and(shr(230, group), 0xfff))
                seen := add(EPOCH, mul(asOf, 60))
                initial := and(shr(26, lane), 0x3fff)
                own_ := shr(40, lane)
                // 64 times the class, of which profiles know the last two bits.
                shift := and(shr(244, group), 0xc0)
            }
            if (!lane.listed()) return 0;
            Profile profile_ = Profile.wrap(_profiles >> shift);
            uint256 mode;
            if (own_) {
                Own own = _sides[at].own(index);
                asOf = own.asOf();
                // Ahead of the block while governance holds the values.
                seen = min(timeOf(asOf), block.timestamp);
                mode = own.modeAt(minute);
                // No stale cap is above it.
                if (mode != 0) initial = INITIAL_OF_CLOSED;
                from = min(_resumes(own, from), minute);
            }
            // Silence stops maintenance and never carries it further.
            uint256 to = minute;
            uint256 fresh = asOf + profile_.ttl();
            if (minute > fresh) (to, initial) = (max(fresh, from), _stale(initial, profile_, minute - fresh));
            uint256 maintenance = _moved(lane, profile_, from, to);
            assembly ("memory-safe") {
                answer := mload(64)
                mstore(answer, initial)
                mstore(add(answer, 32), maintenance)
                mstore(add(answer, 64), seen)
                mstore(add(answer, 96), mode)
            }
        }
    }

    /// @dev Maintenance of a lane that moves from one minute to another, not an earlier one; only the ticks of its direction
    /// are counted.
    function _moved(Lane lane, Profile profile_, uint256 from, uint256 to) private view returns (uint256) {
        uint256 value;
        uint256 target;
        uint256 speed;
        assembly ("memory-safe") {
            value := and(lane, 0x1fff)
            target := and(shr(13, lane), 0x1fff)
            // Tighten speed in the lowest twelve bits, loosen speed in the next.
            speed := and(shr(mul(12, gt(value, target)), profile_), 0xfff)
        }
        uint256 passed;
        unchecked {
            passed = Follower.ticks(speed, to) - Follower.ticks(speed, from);
        }
        if (!_sequencer.isNone()) passed = _passedUp(value, target, profile_, from, to);
        return Follower.towards(value, target, passed);
    }

    /// @dev The same on a rollup. Its feed is not asked while the lane is where it should be.
    function _passedUp(uint256 value, uint256 target, Profile profile_, uint256 from, uint256 to)
        private
        view
        returns (uint256)
    {
        if (value == target) return 0;
        (uint256 up, uint256 down) = _ticks(profile_, from, to);
        return target > value ? up : down;
    }

    /// @dev Initial `stale` minutes after the ttl: on a straight line from the stored value to the stale cap, rounded
    /// up, and never below the stored value.
    function _stale(uint256 stored, Profile profile_, uint256 stale) private pure returns (uint256) {
        unchecked {
            uint256 cap = profile_.staleCap();
            if (stored >= cap) return stored;
            uint256 decay = profile_.decay();
            if (stale >= decay) return cap;
            return stored + ((cap - stored) * stale + decay - 1) / decay;
        }
    }
}
