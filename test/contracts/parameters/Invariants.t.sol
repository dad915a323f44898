// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {IParameters} from "../../../contracts/parameters/IParameters.sol";
import {M, N} from "../../../contracts/parameters/Words.sol";
import {Assertions} from "../support/Assertions.sol";
import {vm} from "../support/Vm.sol";
import {Referee} from "./Referee.sol";

/// @dev What anybody may try, at any time, in any order; the referee looks on.
contract Handler is Referee {
    constructor() {
        world();
    }

    function writerOf(uint256 seed) private pure returns (address) {
        return [KEEPER, SECOND_KEEPER, QUORUM, QUORUM][seed % 4];
    }

    function call(address caller, uint16 id, bytes memory data) private returns (bool ok) {
        named = id;
        Seen memory before = look();
        vm.prank(caller);
        (ok,) = address(parameters).call(data);
        judge(before, look(), caller);
    }

    function publish(address writer, uint16 id, uint256 one) private {
        // Every second entry says OR_TIGHTER.
        if (one & 1 == 0) one |= 1 << 13;
        bytes memory data =
            abi.encodeCall(IParameters.publishBatch, (headOf(sequenceOf[writer] + 1, clock), 0, bytesOf(one)));
        if (call(writer, id, data)) ++sequenceOf[writer];
    }

    /// @notice A writer moves the three numbers a little, mostly legally, with data of the last minutes.
    function aWriterMovesALittle(uint256 seed) external present {
        uint16 id = uint16(bound(seed, 1, MARKETS));
        uint256 initial = stored(id, M.INITIAL) + bound(seed >> 8, 0, 160) - 80;
        uint256 target = stored(id, M.TARGET) + bound(seed >> 16, 0, 160) - 80;
        uint256 limit = limitOf(id) + bound(seed >> 24, 0, 160) - 80;
        publish(writerOf(seed >> 32), id, entryAsOf(id, initial, target, limit, minute() - bound(seed >> 40, 0, 3)));
    }

    /// @notice A thief loosens as far as one number goes.
    function aThiefLoosens(uint256 seed) external present {
        uint16 id = uint16(bound(seed, 1, MARKETS));
        address writer = writerOf(seed >> 8);
        uint256 initial = stored(id, M.INITIAL) - bound(seed >> 16, 0, 120);
        uint256 limit = limitOf(id) + bound(seed >> 24, 0, 210);
        uint256 target = stored(id, M.TARGET) - bound(seed >> 32, 0, 210);
        uint256 which = seed >> 40;
        uint256 asOf = minute() - which % 2;
        if (which & 2 == 0) initial = stored(id, M.INITIAL);
        if (which & 4 == 0) limit = limitOf(id);
        if (which & 8 == 0) target = stored(id, M.TARGET);
        publish(writer, id, entryAsOf(id, initial, target, limit, asOf));
    }

    /// @notice A thief pushes towards liquidations.
    function aThiefTightens(uint256 seed) external present {
        uint16 id = uint16(bound(seed, 1, MARKETS));
        uint256 target = id == 4 ? 8_000 : 4_500;
        uint256 initial = target + (id == 4 ? 1_000 : 500);
        if (seed & 256 != 0) (initial, target) = (stored(id, M.INITIAL), stored(id, M.INITIAL) - (id == 4 ? 900 : 300));
        publish(writerOf(seed >> 16), id, entryAsOf(id, initial, target, limitOf(id), minute()));
    }

    function rubbish(uint256 seed, uint112 one) external present {
        publish(writerOf(seed), uint16(one >> 96), one);
    }

    function someoneSetsAMode(uint256 seed) external present {
        uint16 id = uint16(bound(seed, 1, MARKETS));
        address caller = [GUARDIAN, CHALLENGER, GOVERNANCE, GOVERNANCE, STRANGER][(seed >> 8) % 5];
        IHaircuts.Mode mode = IHaircuts.Mode((seed >> 16) % 3);
        if (caller == GOVERNANCE && seed & 1 << 32 == 0) mode = IHaircuts.Mode.NORMAL;
        call(caller, id, abi.encodeCall(IParameters.setMode, (id, mode)));
    }

    function aGuardianActs(uint256 seed) external present {
        address caller = seed % 8 == 0 ? KEEPER : GUARDIAN;
        address writer = seed & 16 == 0 ? KEEPER : QUORUM;
        if (seed & 32 == 0) call(caller, 0, abi.encodeCall(IParameters.haltWriter, (writer)));
        else call(caller, 0, abi.encodeCall(IParameters.holdClass, (uint8((seed >> 8) % 3))));
    }

    function governanceActs(uint256 seed) external present {
        uint16 id = uint16(bound(seed, 1, MARKETS));
        address caller = seed % 8 == 0 ? GUARDIAN : GOVERNANCE;
        uint256 what = (seed >> 8) % 3;
        if (what == 0) {
            uint256 initial = stored(id, M.INITIAL) + bound(seed >> 16, 0, 400) - 200;
            uint256 until = seed & 1 << 40 == 0 ? 0 : clock + bound(seed >> 48, 0, 3 days);
            IParameters.ManualOverride[] memory values = held(id, initial, stored(id, M.TARGET), limitOf(id), until);
            call(caller, id, abi.encodeCall(IParameters.setManually, (values)));
        } else if (what == 1) {
            // As it is, or into the slower class, whose data lives longer: a move to the faster one is governance's own doing (I22).
            uint8 classId = seed & 1 << 16 == 0 ? uint8(stored(id, M.CLASS)) : 0;
            IParameters.MarketSetting memory setting = IParameters.MarketSetting(classId, LOWEST, HIGHEST, address(0));
            call(caller, id, abi.encodeCall(IParameters.changeMarket, (id, setting)));
        } else {
            address writer = seed & 1 << 16 == 0 ? KEEPER : QUORUM;
            IParameters.Power power = writer == KEEPER ? IParameters.Power.HOT : IParameters.Power.QUORUM;
            IParameters.AccountSetting memory setting = IParameters.AccountSetting(writer, power, 400, 500);
            call(caller, 0, abi.encodeCall(IParameters.admit, (setting)));
        }
    }

    function timeGoesBy(uint256 seed) external present {
        uint256 elapsed = bound(seed >> 8, 1, seed % 8 == 0 ? 40 hours : 3 hours);
        Seen memory before = look();
        pass(elapsed);
        judgeTime(before, look(), elapsed);
    }
}

contract InvariantsTest is Assertions {
    Handler private handler;

    function setUp() public {
        handler = new Handler();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function test_the_handler_is_not_all_refusals() public {
        for (uint256 i; i < 60; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(i)));
            handler.aWriterMovesALittle(seed);
            handler.timeGoesBy(seed | 1);
            handler.aThiefLoosens(seed >> 3);
            if (i % 9 == 0) handler.aThiefTightens(seed >> 1);
        }
        isTrue(handler.applied() > 30, "markets moved");
        isTrue(bytes(handler.broken()).length == 0, handler.broken());
    }

    /// @dev One campaign judges every sentence after every call.
    function invariant_every_sentence_holds_after_any_action_and_any_time() public {
        isTrue(bytes(handler.broken()).length == 0, handler.broken());
        handler.soundness();
        handler.tighteningLiveness();
    }
}
