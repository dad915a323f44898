// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {IParameters} from "../../../contracts/parameters/IParameters.sol";
import {E, get, M, N} from "../../../contracts/parameters/Words.sol";
import {MockERC20} from "../../mocks/MockERC20.sol";
import {Assertions} from "../support/Assertions.sol";
import {vm} from "../support/Vm.sol";

/// @dev A calm world: markets 1 to 3 of class 0, market 4 of class 1, fresh data, full budgets, nobody attacking. Every test
/// changes one thing.
abstract contract World is Assertions {
    address internal constant USD = address(840);
    address internal constant GOVERNANCE = address(0x60F);
    address internal constant KEEPER = address(0xCEE9);
    address internal constant SECOND_KEEPER = address(0xCEE8);
    address internal constant QUORUM = address(0x900);
    address internal constant GUARDIAN = address(0x6A8D);
    address internal constant CHALLENGER = address(0xC4A1);
    address internal constant LISTER = address(0x1157);
    address internal constant STRANGER = address(0x57A6);
    uint256 internal constant EPOCH = 1_420_070_400;
    /// @dev Midnight UTC, the first second of a budget window, and of an hour.
    uint256 internal constant START = EPOCH + 4_050 days;
    uint256 internal constant MARKETS = 4;
    /// @dev 4096 whole tokens, and their bounds: 64 and 16384.
    uint16 internal constant LIMIT = 3 << 10;
    uint16 internal constant LOWEST = 64;
    uint16 internal constant HIGHEST = 5 << 10;
    uint256 internal constant INITIAL = 2_400;
    uint256 internal constant TARGET = 1_800;

    IParameters internal parameters;
    MockERC20[] internal tokens;
    /// @dev The clock of the test. `block.timestamp` is not read after a warp: the optimizer may reuse an old one.
    uint256 internal clock;
    mapping(address writer => uint256) internal sequenceOf;

    function world() internal {
        clock = START - 10 minutes;
        vm.warp(clock);
        IParameters.MarketListing[] memory listings = new IParameters.MarketListing[](MARKETS);
        for (uint256 i; i < MARKETS; ++i) {
            tokens.push(new MockERC20("Wrapped Ether", "WETH", 18));
            listings[i] = listing(address(tokens[i]), i == 3 ? 1 : 0);
        }
        IParameters.ClassListing[] memory classes = new IParameters.ClassListing[](2);
        classes[0] = IParameters.ClassListing(0, calm());
        classes[1] = IParameters.ClassListing(1, wide());
        parameters = deploy(accounts(), classes, listings);
        // Data ten minutes old: the next update of any market may be as of now.
        send(KEEPER, restateAll());
        clock = START;
        vm.warp(clock);
    }

    function accounts() internal pure returns (IParameters.AccountSetting[] memory all) {
        all = new IParameters.AccountSetting[](6);
        all[0] = IParameters.AccountSetting(KEEPER, IParameters.Power.HOT, 150, 400);
        all[1] = IParameters.AccountSetting(SECOND_KEEPER, IParameters.Power.HOT, 150, 400);
        all[2] = IParameters.AccountSetting(QUORUM, IParameters.Power.QUORUM, 400, 400);
        all[3] = IParameters.AccountSetting(GUARDIAN, IParameters.Power.GUARDIAN, 0, 0);
        all[4] = IParameters.AccountSetting(CHALLENGER, IParameters.Power.CHALLENGER, 0, 0);
        all[5] = IParameters.AccountSetting(LISTER, IParameters.Power.LISTER, 0, 0);
    }

    /// @dev Deploys the compiled artifact: what is tested is what is deployed.
    function deploy(
        IParameters.AccountSetting[] memory holders,
        IParameters.ClassListing[] memory classes,
        IParameters.MarketListing[] memory listings
    ) internal returns (IParameters deployed) {
        bytes memory code = vm.getCode("Parameters.sol:Parameters");
        bytes memory creation = bytes.concat(code, abi.encode(GOVERNANCE, holders, classes, listings));
        assembly ("memory-safe") {
            deployed := create(0, add(creation, 32), mload(creation))
            if iszero(deployed) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
    }

    function listing(address collateral, uint8 classId) internal pure returns (IParameters.MarketListing memory) {
        bool other = classId == 1;
        return IParameters.MarketListing(
            collateral, USD, classId, other ? 4_200 : 2_400, other ? 3_000 : 1_800, LIMIT, LOWEST, HIGHEST
        );
    }

    function calm() internal pure returns (IParameters.Limits memory) {
        return IParameters.Limits({
            minInitialBps: 1_000,
            maxInitialBps: 5_000,
            minMaintenanceBps: 700,
            maxMaintenanceBps: 4_500,
            minGapBps: 300,
            liquidationBonusBps: 500,
            tightenSpeedBpsPer30Days: 300,
            loosenSpeedBpsPer30Days: 1_500,
            ttlHours: 24,
            decayHours: 48,
            staleInitialCapBps: 9_500,
            maxAgeMinutes: 360,
            hotStepBps: 80,
            quorumStepBps: 200,
            hotBudgetBps: 50,
            quorumBudgetBps: 100,
            hotRaiseStep: 60,
            quorumRaiseStep: 120,
            hotRaiseBudget: 100,
            quorumRaiseBudget: 200
        });
    }

    function wide() internal pure returns (IParameters.Limits memory limits) {
        limits = calm();
        (limits.minGapBps, limits.tightenSpeedBpsPer30Days, limits.loosenSpeedBpsPer30Days) = (900, 900, 3_000);
        (limits.ttlHours, limits.decayHours, limits.maxAgeMinutes) = (6, 12, 30);
        limits.maxInitialBps = 9_000;
        limits.maxMaintenanceBps = 8_000;
    }

    // --------------------------------------------------------------------------------------------------------- time

    function pass(uint256 duration) internal {
        clock += duration;
        vm.warp(clock);
    }

    function minute() internal view returns (uint256) {
        return (clock - EPOCH) / 60;
    }

    /// @dev Lets time go by with a keeper that restates everything each hour.
    function passAlive(uint256 duration) internal {
        for (uint256 end = clock + duration; clock < end;) {
            pass(end - clock < 1 hours ? end - clock : 1 hours);
            send(KEEPER, restateAll());
        }
    }

    // ------------------------------------------------------------------------------------------------------ batches

    function word(uint16 id) internal view returns (uint256 found) {
        (found,,,) = parameters.storedMarket(id);
    }

    function stored(uint16 id, uint256 field) internal view returns (uint256) {
        return get(word(id), field);
    }

    /// @dev An entry as of now, for the market as it is.
    function entry(uint16 id, uint256 initial, uint256 target, uint256 limit) internal view returns (uint256) {
        return entryAsOf(id, initial, target, limit, minute());
    }

    function entryAsOf(uint16 id, uint256 initial, uint256 target, uint256 limit, uint256 asOf)
        internal
        view
        returns (uint256)
    {
        uint256 numbers = target | initial << 14 | (0xffff - limit) << 29;
        return numbers | stored(id, M.GENERATION) << 61 | asOf << 66 | uint256(id) << 96;
    }

    /// @dev An entry that changes nothing but asOf.
    function restate(uint16 id) internal view returns (uint256) {
        return entry(id, stored(id, M.INITIAL), stored(id, M.TARGET), limitOf(id));
    }

    function bytesOf(uint256 one) internal pure returns (bytes memory) {
        return abi.encodePacked(uint112(one));
    }

    function restateAll() internal view returns (bytes memory) {
        return bytes.concat(bytesOf(restate(1)), bytesOf(restate(2)), bytesOf(restate(3)), bytesOf(restate(4)));
    }

    function headOf(uint256 sequence, uint256 deadline) internal pure returns (uint256) {
        return sequence | deadline << 64 | 7 << 104;
    }

    function send(address writer, bytes memory entries) internal {
        vm.prank(writer);
        parameters.publishBatch(headOf(sequenceOf[writer] + 1, clock + 60), keccak256("evidence"), entries);
        ++sequenceOf[writer];
    }

    function send(address writer, uint256 one) internal {
        send(writer, bytesOf(one));
    }

    /// @dev Why `writer` cannot send this entry now; 0 when it can. A batch of it alone does what the preview says.
    function refusal(address writer, uint256 one) internal view returns (uint8 reason) {
        (reason,,,) = parameters.preview(writer, bytes14(uint112(one)));
    }

    function refused(address writer, uint256 one, uint256 reason, string memory sentence) internal {
        equal(refusal(writer, one), reason, sentence);
        bytes32 before = keccak256(abi.encode(word(1), word(2), word(3), word(4)));
        uint16 id = uint16(get(one, E.ID));
        vm.expectRevert(abi.encodeWithSelector(IParameters.NoMarketApplied.selector, id, uint8(reason)));
        vm.prank(writer);
        parameters.publishBatch(headOf(sequenceOf[writer] + 1, clock + 60), 0, bytesOf(one));
        isTrue(before == keccak256(abi.encode(word(1), word(2), word(3), word(4))), "what is refused changes nothing");
    }

    // -------------------------------------------------------------------------------------------------------- powers

    function setMode(uint16 id, IHaircuts.Mode mode, address caller) internal {
        vm.prank(caller);
        parameters.setMode(id, mode);
    }

    function setLimits(uint8 classId, IParameters.Limits memory limits) internal {
        vm.prank(GOVERNANCE);
        parameters.setLimits(classId, limits);
    }

    function admit(address account, IParameters.Power power, uint24 aggregate, uint24 trip) internal {
        vm.prank(GOVERNANCE);
        parameters.admit(IParameters.AccountSetting(account, power, aggregate, trip));
    }

    function holdClassAs(address caller, uint8 classId) internal {
        vm.prank(caller);
        parameters.holdClass(classId);
    }

    function change(uint16 id, uint8 classId, address probe) internal {
        vm.prank(GOVERNANCE);
        parameters.changeMarket(id, IParameters.MarketSetting(classId, LOWEST, HIGHEST, probe));
    }

    function held(uint16 id, uint256 initial, uint256 target, uint256 limit, uint256 until)
        internal
        pure
        returns (IParameters.ManualOverride[] memory values)
    {
        values = new IParameters.ManualOverride[](1);
        values[0] = IParameters.ManualOverride(id, uint16(initial), uint16(target), uint16(limit), uint40(until));
    }

    function setManually(IParameters.ManualOverride[] memory values) internal {
        vm.prank(GOVERNANCE);
        parameters.setManually(values);
    }

    // --------------------------------------------------------------------------------------------------------- reads

    function initialOf(uint16 id) internal view returns (uint256) {
        return parameters.haircuts(id).initialBps;
    }

    function maintenanceOf(uint16 id) internal view returns (uint256) {
        return parameters.haircuts(id).maintenanceBps;
    }

    /// @dev The compact float stored.
    function limitOf(uint16 id) internal view returns (uint256) {
        return 0xffff - stored(id, N.LIMIT);
    }

    function mayGrow(uint16 id) internal view returns (bool may) {
        (, may) = parameters.exposureLimit(id);
    }
}
