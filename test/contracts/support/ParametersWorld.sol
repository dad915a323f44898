// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {ICollateralParameters as Params} from "../../../contracts/interfaces/ICollateralParameters.sol";
import {IParameterTypes as Types} from "../../../contracts/interfaces/IParameterTypes.sol";
import {MockERC20} from "../../mocks/MockERC20.sol";
import {Assertions} from "./Assertions.sol";
import {vm} from "./Vm.sol";
import {EntryWords, Flags, GroupWords} from "./Words.sol";

/// @dev A calm world: ten markets in three groups of two classes, fresh data, full budgets, nobody attacking. Group 0
/// holds markets 1 to 5 and is full; group 1 holds 6 to 8; both are of class 0. Group 2 holds 11 and 12, of class 1,
/// whose profile is another. Every test changes one thing.
abstract contract ParametersWorld is Assertions {
    address internal constant USD = address(840);
    address internal constant GOVERNANCE = address(0x60F);
    address internal constant KEEPER = address(0xCEE9);
    address internal constant QUORUM = address(0x900);
    address internal constant GUARDIAN = address(0x6A8D);
    address internal constant CHALLENGER = address(0xC4A1);
    address internal constant LISTER = address(0x1157);
    address internal constant STRANGER = address(0x57A6);
    bytes32 internal constant ADMIN_ROLE = bytes32(0);
    bytes32 internal constant KEEPER_ROLE = keccak256("KEEPER_ROLE");
    bytes32 internal constant QUORUM_ROLE = keccak256("QUORUM_ROLE");
    bytes32 internal constant GUARDIAN_ROLE = keccak256("GUARDIAN_ROLE");
    bytes32 internal constant CHALLENGER_ROLE = keccak256("CHALLENGER_ROLE");
    bytes32 internal constant LISTER_ROLE = keccak256("LISTER_ROLE");
    uint256 internal constant EPOCH = 1_420_070_400;
    uint256 internal constant WINDOW = 8 hours;
    /// @dev Midnight UTC, the first second of a budget window, and a minute on which both clocks tick.
    uint256 internal constant START = EPOCH + 4_050 days;
    uint256 internal constant MARKETS = 10;

    Params internal parameters;
    MockERC20[] internal tokens;
    /// @dev The clock of the test. `block.timestamp` is not read after a warp: the optimizer may reuse an old one.
    uint256 internal clock;

    /// @dev Ids in use: a group that is not full leaves a hole.
    function idAt(uint256 index) internal pure returns (uint16) {
        return uint16(index < 8 ? index + 1 : index + 3);
    }

    function groupAt(uint16 id) internal pure returns (uint256) {
        return (id - 1) / 5;
    }

    function laneAt(uint16 id) internal pure returns (uint256) {
        return (id - 1) % 5;
    }

    function world() internal {
        clock = START - 10 minutes;
        vm.warp(clock);
        for (uint256 i; i < MARKETS; ++i) tokens.push(new MockERC20("Wrapped Ether", "WETH", 18));
        Types.MarketListing[] memory listings = new Types.MarketListing[](MARKETS);
        for (uint256 i; i < MARKETS; ++i) listings[i] = calmListing(i);
        parameters = deploy(GOVERNANCE, KEEPER, QUORUM, GUARDIAN, calmProfiles(), calmClasses(), listings);
        vm.startPrank(GOVERNANCE);
        IAccessControl(address(parameters)).grantRole(CHALLENGER_ROLE, CHALLENGER);
        IAccessControl(address(parameters)).grantRole(LISTER_ROLE, LISTER);
        parameters.setAggregateBudget(1_000, 2_000);
        vm.stopPrank();
        // Data ten minutes old: the next update of any market may be as of now.
        send(restateAll());
        clock = START;
        vm.warp(clock);
    }

    /// @dev Deploys the compiled artifact. `new` would put the whole contract into each test contract, and the compiler
    /// would optimize it again for each of them.
    function deploy(
        address governance,
        address keeper,
        address quorum,
        address guardian,
        Types.ProfileValues[] memory profiles,
        Types.ClassListing[] memory classes,
        Types.MarketListing[] memory listings
    ) internal returns (Params deployed) {
        bytes memory code = vm.getCode("CollateralParameters.sol:CollateralParameters");
        bytes memory arguments =
            abi.encode(governance, keeper, quorum, guardian, profiles, sequencerValues(), classes, listings);
        bytes memory creation = bytes.concat(code, arguments);
        assembly ("memory-safe") {
            deployed := create(0, add(creation, 32), mload(creation))
            if iszero(deployed) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
    }

    /// @dev None, as on a chain that is no rollup.
    function sequencerValues() internal virtual returns (Types.SequencerValues memory) {}

    function calmProfiles() internal pure virtual returns (Types.ProfileValues[] memory profiles) {
        profiles = new Types.ProfileValues[](2);
        profiles[0] = Types.ProfileValues(150, 50, 6 hours, 1 days, 10_000);
        profiles[1] = Types.ProfileValues(300, 100, 2 hours, 12 hours, 9_500);
    }

    function calmClasses() internal pure returns (Types.ClassListing[] memory classes) {
        classes = new Types.ClassListing[](2);
        classes[0] = Types.ClassListing(0, calmLimits());
        classes[1] = Types.ClassListing(1, otherLimits());
    }

    /// @dev Budgets of a window: 50 for the hot key, 100 for the quorum.
    function calmLimits() internal pure returns (Types.Limits memory) {
        return Types.Limits({
            minInitialBps: 1_000,
            maxInitialBps: 9_000,
            minMaintenanceBps: 700,
            maxMaintenanceBps: 8_000,
            minGapBps: 200,
            liquidationBonusBps: 500,
            maxLooseningStepBps: 80,
            looseningBudgetBpsPerDay: 200,
            quorumLooseningStepBps: 200,
            quorumLooseningBudgetBpsPerDay: 400,
            maxAgeSeconds: 1 hours,
            probed: false
        });
    }

    /// @dev Budgets of a window: 100 for the hot key, 200 for the quorum.
    function otherLimits() internal pure returns (Types.Limits memory) {
        return Types.Limits({
            minInitialBps: 2_000,
            maxInitialBps: 9_200,
            minMaintenanceBps: 1_500,
            maxMaintenanceBps: 7_000,
            minGapBps: 300,
            liquidationBonusBps: 1_000,
            maxLooseningStepBps: 120,
            looseningBudgetBpsPerDay: 400,
            quorumLooseningStepBps: 300,
            quorumLooseningBudgetBpsPerDay: 800,
            maxAgeSeconds: 30 minutes,
            probed: true
        });
    }

    function calmListing(uint256 index) internal view returns (Types.MarketListing memory) {
        bool other = index >= 8;
        uint16 group = uint16(groupAt(idAt(index)));
        return Types.MarketListing(
            address(tokens[index]), USD, other ? 1 : 0, group, other ? 4_200 : 2_200, other ? 3_600 : 1_800
        );
    }

    // --------------------------------------------------------------------------------------------------------- time

    function pass(uint256 duration) internal {
        clock += duration;
        vm.warp(clock);
    }

    /// @dev Lets time go by with a keeper that restates everything each hour.
    function passAlive(uint256 duration) internal {
        for (uint256 end = clock + duration; clock < end;) {
            pass(end - clock < 1 hours ? end - clock : 1 hours);
            send(restateAll());
        }
    }

    // ------------------------------------------------------------------------------------------------------ batches

    /// @dev An update that changes nothing but asOf.
    function restate(uint16 id) internal view returns (Types.MarketUpdate memory) {
        Types.MarketState memory stored = parameters.marketState(id);
        return Types.MarketUpdate(id, stored.initialBps, stored.maintenanceTargetBps, uint40(clock));
    }

    function change(uint16 id, uint256 initial, uint256 target) internal view returns (Types.MarketUpdate memory) {
        return Types.MarketUpdate(id, uint16(initial), uint16(target), uint40(clock));
    }

    /// @dev One entry as Entry.sol lays it out.
    function entry(uint256 group, uint256 flags, uint256 asOf, uint256 values) internal pure returns (bytes memory) {
        return EntryWords.pack(group, flags, asOf, values);
    }

    function valuesAt(uint256 lane, uint256 initial, uint256 target) internal pure returns (uint256) {
        return EntryWords.values(lane, initial, target);
    }

    function entry(Types.MarketUpdate memory only) internal pure returns (bytes memory) {
        uint256 lane = laneAt(only.marketId);
        uint256 values = valuesAt(lane, only.initialBps, only.maintenanceTargetBps);
        return entry(groupAt(only.marketId), Flags.at(lane), only.asOf, values);
    }

    /// @dev An entry of several markets of one group, as of the same time.
    function entry(Types.MarketUpdate[] memory of_) internal pure returns (bytes memory) {
        uint256 flags;
        uint256 values;
        for (uint256 i; i < of_.length; ++i) {
            uint256 lane = laneAt(of_[i].marketId);
            flags |= Flags.at(lane);
            values |= valuesAt(lane, of_[i].initialBps, of_[i].maintenanceTargetBps);
        }
        return entry(groupAt(of_[0].marketId), flags, of_[0].asOf, values);
    }

    /// @dev Every market listed in the group, moved by these amounts.
    function whole(uint256 group, int256 initialBy, int256 targetBy) internal view returns (bytes memory) {
        uint256 flags;
        uint256 values;
        for (uint256 i; i < MARKETS; ++i) {
            uint16 id = idAt(i);
            if (groupAt(id) != group) continue;
            Types.MarketState memory stored = parameters.marketState(id);
            uint256 lane = laneAt(id);
            flags |= Flags.at(lane);
            values |= valuesAt(
                lane,
                uint256(int256(uint256(stored.initialBps)) + initialBy),
                uint256(int256(uint256(stored.maintenanceTargetBps)) + targetBy)
            );
        }
        return entry(group, flags, clock, values);
    }

    function restateAll() internal view returns (bytes memory) {
        return bytes.concat(whole(0, 0, 0), whole(1, 0, 0), whole(2, 0, 0));
    }

    function batchOf(bytes memory entries) internal view returns (Types.Batch memory batch) {
        Types.DoorState memory door = parameters.door();
        batch.sequence = door.sequence + 1;
        batch.deadline = uint40(clock + 60);
        batch.generation = door.generation;
        batch.modelVersion = 1;
        batch.evidence = keccak256("evidence");
        batch.entries = entries;
    }

    function send(Types.Batch memory batch) internal {
        vm.prank(KEEPER);
        parameters.update(batch);
    }

    function send(bytes memory entries) internal {
        send(batchOf(entries));
    }

    function send(Types.MarketUpdate memory only) internal {
        send(entry(only));
    }

    function sendByQuorum(bytes memory entries) internal {
        Types.Batch memory batch = batchOf(entries);
        vm.prank(QUORUM);
        parameters.updateByQuorum(batch);
    }

    // -------------------------------------------------------------------------------------------------------- powers

    function setMode(uint16 id, Types.Mode mode) internal {
        setMode(id, mode, GOVERNANCE);
    }

    function setMode(uint16 id, Types.Mode mode, address caller) internal {
        vm.prank(caller);
        parameters.setMode(id, mode);
    }

    function setLimits(uint8 classId, Types.Limits memory limits) internal {
        vm.prank(GOVERNANCE);
        parameters.setLimits(classId, limits);
    }

    function hold(uint16 id, uint256 initial, uint256 target, uint256 until) internal {
        vm.prank(GOVERNANCE);
        parameters.overrideMarkets(held(id, initial, target, until));
    }

    function held(uint16 id, uint256 initial, uint256 target, uint256 until)
        internal
        pure
        returns (Types.ManualOverride[] memory values)
    {
        values = new Types.ManualOverride[](1);
        values[0] = Types.ManualOverride(id, uint16(initial), uint16(target), uint40(until));
    }

    // ------------------------------------------------------------------------------------------------------- storage

    /// @dev The slot of group 0, found by what the calm world stores for market 1; the other groups follow it.
    function slotOfGroups() internal view returns (uint256 slot) {
        uint256 calm = GroupWords.values(2_200, 1_800, 1_800);
        while (GroupWords.laneOf(uint256(vm.load(address(parameters), bytes32(slot))), 0) != calm) ++slot;
    }

    // --------------------------------------------------------------------------------------------------------- reads

    function initialOf(uint16 id) internal view returns (uint256) {
        return parameters.haircuts(id).initialBps;
    }

    function maintenanceOf(uint16 id) internal view returns (uint256) {
        return parameters.haircuts(id).maintenanceBps;
    }

    function asOfOf(uint16 id) internal view returns (uint256) {
        return parameters.marketState(id).asOf;
    }

    /// @dev Everything stored for a market, to see that nothing moved, bit for bit.
    function print(uint16 id) internal view returns (bytes32) {
        (Types.Limits memory limits, Types.ProfileValues memory values) = parameters.limitsOf(id);
        return keccak256(abi.encode(parameters.marketState(id), limits, values));
    }

    /// @dev What a batch may not touch in a market it does not apply: everything but where maintenance was settled.
    function keep(uint16 id) internal view returns (bytes32) {
        Types.MarketState memory state = parameters.marketState(id);
        (state.maintenanceBps, state.maintenanceTime, state.spentBps) = (0, 0, 0);
        return keccak256(abi.encode(state, parameters.haircuts(id)));
    }

    function reasonOf(Types.MarketUpdate memory next) internal view returns (Types.SkipReason reason) {
        (reason,,) = parameters.previewUpdate(next, false);
    }

    /// @dev Asserts that this update would be skipped for this reason, that in a batch with a good neighbour of another
    /// group (market 11) it *is* skipped with these figures, untouched, and that the neighbour lands.
    function skips(Types.MarketUpdate memory next, Types.SkipReason reason, uint256 given, uint256 allowed) internal {
        (Types.SkipReason seen, uint256 seenGiven, uint256 seenAllowed) = parameters.previewUpdate(next, false);
        equal(uint256(seen), uint256(reason), "the preview names the reason");
        equal(seenGiven, given, "the preview names the value given");
        equal(seenAllowed, allowed, "the preview names the nearest value allowed");
        (bool known,) = parameters.tryHaircuts(next.marketId);
        bytes32 untouched = known ? print(next.marketId) : bytes32(0);
        Types.MarketUpdate memory good = restate(11);
        Types.Batch memory batch = batchOf(bytes.concat(entry(next), entry(good)));
        vm.expectEmit(true, true, false, true, address(parameters));
        emit MarketSkipped(next.marketId, batch.sequence, reason, given, allowed);
        send(batch);
        if (known) isTrue(print(next.marketId) == untouched, "I17: a skipped market is left bit for bit as it was");
        equal(asOfOf(11), clock - clock % 60, "a skipped market does not stop its neighbour");
    }

    event MarketSkipped(
        uint16 indexed marketId, uint64 indexed sequence, Types.SkipReason reason, uint256 given, uint256 allowed
    );

    /// @dev Asserts that an update may be applied.
    function passes(Types.MarketUpdate memory next) internal view {
        equal(uint256(reasonOf(next)), uint256(Types.SkipReason.NONE), "the update is legal");
    }
}

/// @dev A test that starts in the calm world.
abstract contract ParametersTest is ParametersWorld {
    function setUp() public virtual {
        world();
    }
}
