// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterEvents} from "../interfaces/IParameterEvents.sol";
import {IParameterTypes} from "../interfaces/IParameterTypes.sol";
import {Allowance, AllowanceLayout} from "../libraries/Allowance.sol";
import {DoorWord} from "../libraries/DoorWord.sol";
import {Follower} from "../libraries/Follower.sol";
import {Group, Lane, LANES} from "../libraries/Group.sol";
import {Postcondition} from "../libraries/Postcondition.sol";
import {Profile} from "../libraries/Profile.sol";
import {RiskClass} from "../libraries/RiskClass.sol";
import {Sequencer} from "../libraries/Sequencer.sol";
import {Own, Side} from "../libraries/Side.sol";
import {max, min, WINDOW_MINUTES} from "../libraries/Units.sol";

/// @title The one storage layout, where maintenance stands, and the one write.
/// @dev All state is declared here: the contract and its module both start with it, slot for slot.
abstract contract MarketBook is IParameterTypes, IParameterEvents {
    struct Pair {
        address collateral;
        address debt;
    }

    /// @dev Where a lane stands at a minute.
    struct Standing {
        uint256 maintenance;
        uint256 asOf;
        uint256 mode;
    }

    /// @dev Bits of `_doorsOf`.
    uint256 internal constant HOT_DOOR = 1;
    uint256 internal constant QUORUM_DOOR = 2;
    /// @dev Four profiles of 64 bits, in the bytecode.
    uint256 internal immutable _profiles;
    /// @dev The only contract that is asked while a market is read; on a chain without a sequencer none is.
    Sequencer internal immutable _sequencer;

    DoorWord internal _door;
    uint16 internal _groupCount;
    uint16 internal _marketCount;
    /// @dev As many as 16 bits of an entry can name, of which those up to EntryLayout.LAST_GROUP are used.
    Group[1 << 16] internal _groups;
    RiskClass[64] internal _classes;
    mapping(uint256 group => Side) internal _sides;
    /// @dev 16 bits a market, three groups a word: 11 sources, 5 confidence.
    mapping(uint256 word => uint256) internal _quality;
    mapping(address collateral => mapping(address debt => uint16 marketId)) internal _marketOf;
    mapping(uint256 marketId => Pair) internal _pairs;
    mapping(uint256 marketId => address) internal _probeOf;
    /// @dev Who may write batches: holders of KEEPER_ROLE and QUORUM_ROLE, kept equal to them by ParametersModule. The
    /// keeper granted last is in the door too, which every batch reads anyway.
    mapping(address account => uint256 doors) internal _doorsOf;

    constructor(uint256 profiles_, Sequencer sequencer_) {
        _profiles = profiles_;
        _sequencer = sequencer_;
    }

    function _profileOf(uint256 classId) internal view returns (Profile) {
        unchecked {
            return Profile.wrap((_profiles >> ((classId & 3) * 64)) & type(uint64).max);
        }
    }

    /// @dev Group, lane and index of the group. Id 0 is lane 4 of a group past the last, which is empty.
    function _locate(uint256 marketId) internal pure returns (uint256 at, uint256 index) {
        unchecked {
            uint256 place = (marketId - 1) & 0xffff;
            at = place / LANES;
            index = place - at * LANES;
        }
    }

    function _known(uint16 marketId) internal view returns (Group group, uint256 index, uint256 at) {
        (at, index) = _locate(marketId);
        group = _groups[at];
        if (!group.lane(index).listed()) revert UnknownMarket(marketId);
    }

    /// @dev Ticks of both speeds between two minutes, for reads and writes alike; on a rollup only of those minutes that
    /// count (Sequencer.sol).
    function _ticks(Profile profile_, uint256 from, uint256 to) internal view returns (uint256 up, uint256 down) {
        if (to <= from) return (0, 0);
        (uint256 tighten, uint256 loosen) = (profile_.tightenSpeed(), profile_.loosenSpeed());
        unchecked {
            up = Follower.ticks(tighten, to) - Follower.ticks(tighten, from);
            down = Follower.ticks(loosen, to) - Follower.ticks(loosen, from);
        }
        if (!_sequencer.isNone()) (up, down) = _sequencer.ticks(tighten, loosen, from, to);
        // More than a maintenance haircut can hold makes no difference.
        if (up > 0x1fff) up = 0x1fff;
        if (down > 0x1fff) down = 0x1fff;
    }

    /// @dev Ticks of lanes that share a clock: silence stops it.
    function _ticksFresh(Profile profile_, uint256 from, uint256 asOf, uint256 minute)
        private
        view
        returns (uint256, uint256)
    {
        unchecked {
            return _ticks(profile_, from, min(minute, asOf + profile_.ttl()));
        }
    }

    /// @dev The minute from which maintenance moves (on): a FROZEN market stands still until the mode lapses.
    function _resumes(Own own, uint256 settled) internal pure returns (uint256) {
        unchecked {
            return own.mode() == uint256(Mode.FROZEN) ? max(settled, own.until() * 60) : settled;
        }
    }

    /// @dev Where a lane with a clock or a mode of its own stands at `minute`.
    function _standing(Group group, Lane lane, Own own, uint256 minute) internal view returns (Standing memory s) {
        Profile profile_ = _profileOf(group.class());
        s.asOf = own.asOf();
        s.mode = own.modeAt(minute);
        (uint256 up, uint256 down) = _ticksFresh(profile_, _resumes(own, group.settled()), s.asOf, minute);
        s.maintenance = Follower.follow(lane.maintenance(), lane.target(), up, down);
    }

    /// @dev The group with every lane and the header brought to `minute`.
    function _settle(uint256 at, uint256 minute) internal view returns (Group settled) {
        Group group = _groups[at];
        settled = group;
        Side side = _sides[at];
        (uint256 up, uint256 down) =
            _ticksFresh(_profileOf(group.class()), group.settled(), group.asOf(), minute);
        for (uint256 i; i < LANES; ++i) {
            Lane lane = group.lane(i);
            if (!lane.listed()) continue;
            uint256 maintenance = lane.own()
                ? _standing(group, lane, side.own(i), minute).maintenance
                : Follower.follow(lane.maintenance(), lane.target(), up, down);
            settled = settled.withLane(i, _at(lane, maintenance));
        }
        return settled.withHeader(minute, group.asOf(), _spent(group, minute), group.class());
    }

    function _at(Lane lane, uint256 maintenance) internal pure returns (Lane) {
        return Lane.wrap((Lane.unwrap(lane) & ~uint256(0x1fff)) | maintenance);
    }

    /// @dev What is spent of the budget of the window in which `minute` is.
    function _spent(Group group, uint256 minute) internal pure returns (uint256) {
        unchecked {
            return group.settled() / WINDOW_MINUTES == minute / WINDOW_MINUTES ? group.spent() : 0;
        }
    }

    /// @dev Ticks any lane may have moved by since the group was settled: silence stops the clock, unless a lane has one
    /// of its own.
    function _allowed(Group group, uint256 minute) internal view returns (uint256, uint256) {
        Profile profile_ = _profileOf(group.class());
        return _ticks(profile_, group.settled(), group.hasOwn() ? minute : min(minute, group.asOf() + profile_.ttl()));
    }

    /// @dev `_store` for the paths that do not count ticks themselves.
    /// @param step greatest loosening of initial on this path
    function _write(uint256 at, Group before, Group next, uint256 named, RiskClass class, uint256 step, uint256 minute)
        internal
    {
        (uint256 up, uint256 down) = _allowed(before, minute);
        _store(at, before, next, named, AllowanceLayout.pack(class, step, 0, up, down, minute));
    }

    /// @dev The only place where a group is stored; every path ends here, and so under the post-condition.
    /// @param before the group as stored (a lane being listed: with that lane)
    /// @param named guards of the lanes whose values may change
    function _store(uint256 at, Group before, Group next, uint256 named, Allowance allowance)
        internal
    {
        Group written;
        // Every caller has read the group at `at` before, so it is in the array.
        assembly {
            sstore(add(_groups.slot, at), next)
            written := sload(add(_groups.slot, at))
        }
        Postcondition.enforce(at, before, written, named, allowance);
    }
}
