// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {IParameters} from "../../../contracts/parameters/IParameters.sol";
import {A, C, get, M} from "../../../contracts/parameters/Words.sol";
import {MockERC20} from "../../mocks/MockERC20.sol";
import {Change, Writes} from "../support/Writes.sol";
import {vm} from "../support/Vm.sol";
import {World} from "./World.sol";

/// @dev Every function of the parameter contract: who may call it, and which bits of which words it may change. Whatever is not
/// said here is refused or stays as it is; what is said here is seen to be possible.
contract PermissionsTest is World, Writes {
    address private constant HEIR = address(0x4E18);
    uint256 private constant POWERS = 8;
    uint256 private constant ALL = (1 << POWERS) - 1;
    /// @dev Bits of the callers below.
    uint256 private constant OF_KEEPER = 1;
    uint256 private constant OF_QUORUM = 2;
    uint256 private constant OF_GUARDIAN = 4;
    uint256 private constant OF_CHALLENGER = 8;
    uint256 private constant OF_LISTER = 16;
    uint256 private constant OF_GOVERNANCE = 32;
    uint256 private constant OF_HEIR = 64;

    uint256 private constant ANY_BIT = type(uint256).max;
    /// @dev Where Parameters stores what is no market: after 2^16 markets.
    uint256 private constant CLASSES = 1 << 16;
    uint256 private constant ACCOUNTS = CLASSES + 64;
    uint256 private constant MARKET_OF = ACCOUNTS + 1;
    uint256 private constant ASSETS = ACCOUNTS + 2;
    /// @dev Number of markets below the owner.
    uint256 private constant COUNT_AND_OWNER = ACCOUNTS + 3;
    uint256 private constant NEXT_OWNER = ACCOUNTS + 4;

    /// @dev What a call speaks of: whatever else changes is a breach.
    struct Named {
        uint256 markets;
        uint256 class;
        address account;
        address collateral;
    }

    address private _other;
    /// @dev A pair that governance has ended.
    address private _ended;

    function setUp() public {
        world();
        _other = address(new MockERC20("Other", "OTH", 18));
        _ended = address(new MockERC20("Ended", "END", 18));
        vm.prank(LISTER);
        uint16 id = parameters.listMarket(listing(_ended, 0));
        vm.prank(GOVERNANCE);
        parameters.delistMarket(id);
        vm.prank(GOVERNANCE);
        (bool ok,) = address(parameters).call(abi.encodeWithSignature("transferOwnership(address)", HEIR));
        isTrue(ok, "governance names an heir");

        rule("publishBatch(uint256,bytes32,bytes)", OF_KEEPER | OF_QUORUM);
        rule("setMode(uint16,uint8)", OF_GUARDIAN | OF_CHALLENGER | OF_GOVERNANCE);
        rule("haltWriter(address)", OF_GUARDIAN);
        rule("holdClass(uint8)", OF_GUARDIAN);
        rule("admit((address,uint8,uint24,uint24))", OF_GOVERNANCE);
        rule(
            "setLimits(uint8,(uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256))",
            OF_GOVERNANCE
        );
        rule("listMarket((address,address,uint8,uint16,uint16,uint16,uint16,uint16))", OF_LISTER | OF_GOVERNANCE);
        rule("delistMarket(uint16)", OF_GOVERNANCE);
        rule("changeMarket(uint16,(uint8,uint16,uint16,address))", OF_GOVERNANCE);
        rule("setManually((uint16,uint16,uint16,uint16,uint40)[])", OF_GOVERNANCE);
        rule("transferOwnership(address)", OF_GOVERNANCE);
        rule("acceptOwnership()", OF_HEIR);
        rule("renounceOwnership()", 0);
        // Whoever calls these changes nothing.
        rule("haircuts(uint16)", ALL);
        rule("haircuts(address,address)", ALL);
        rule("haircutsMany(uint16[])", ALL);
        rule("tryHaircuts(uint16)", ALL);
        rule("tryHaircuts(address,address)", ALL);
        rule("marketOf(address,address)", ALL);
        rule("exposureLimit(uint16)", ALL);
        rule("storedMarket(uint16)", ALL);
        rule("storedWriter(address)", ALL);
        rule("storedClass(uint8)", ALL);
        rule("marketCount()", ALL);
        rule("preview(address,bytes14)", ALL);
        rule("owner()", ALL);
        rule("pendingOwner()", ALL);
    }

    // ---------------------------------------------------------------------------------- what each function may change

    function mask(uint256 field) private pure returns (uint256) {
        return ((1 << (field >> 8)) - 1) << (field & 0xff);
    }

    /// @dev Bits of a market that is named. What time alone changes comes with every write.
    function ofMarket(uint256 at) private pure returns (uint256) {
        uint256 modes = mask(M.MODE) | mask(M.MODE_UNTIL);
        if (at == 0) return M.BY_UPDATE;
        if (at == 1) return M.BY_TIME | modes | mask(M.CHALLENGED);
        if (at == 6) return ANY_BIT;
        if (at == 7) return M.BY_TIME | modes | mask(M.TARGET) | mask(M.GENERATION);
        uint256 bounds = mask(M.LOOSEST_LIMIT) | mask(M.TIGHTEST_LIMIT) | mask(M.PROBED);
        if (at == 8) return M.BY_TIME | bounds | mask(M.STAMP) | mask(M.CLASS) | mask(M.GENERATION);
        if (at == 9) return (M.BY_UPDATE | mask(M.HELD_UNTIL)) & ~mask(M.QUALITY);
        return 0;
    }

    /// @dev Bits of a class that is named.
    function ofClass(uint256 at) private pure returns (uint256) {
        if (at == 3) return mask(C.HELD_UNTIL);
        return at == 5 ? ~mask(C.HELD_UNTIL) : 0;
    }

    /// @dev Bits of the account that is named, or of the writer itself.
    function ofAccount(uint256 at) private pure returns (uint256) {
        if (at == 0) {
            return mask(A.SEQUENCE) | mask(A.WINDOW) | mask(A.SPENT) | mask(A.REFUSED) | mask(A.TIGHTEN_ONLY);
        }
        if (at == 2) return mask(A.HALTED_UNTIL);
        return at == 4 ? ~mask(A.SEQUENCE) : 0;
    }

    function allowed(uint256 at, Named memory named, uint256 slot) private pure returns (uint256) {
        if (slot < CLASSES) return named.markets >> slot & 1 == 1 && slot < 256 ? ofMarket(at) : 0;
        if (slot < ACCOUNTS) return slot - CLASSES == named.class ? ofClass(at) : 0;
        if (slot == slotOf(named.account, ACCOUNTS)) return ofAccount(at);
        if (slot == COUNT_AND_OWNER) return at == 6 ? 0xffff : at == 11 || at == 12 ? ~uint256(0xffff) : 0;
        if (slot == NEXT_OWNER) return at == 10 || at == 11 || at == 12 ? ANY_BIT : 0;
        if (at == 6 && slot == uint256(keccak256(abi.encode(USD, slotOf(named.collateral, MARKET_OF))))) return ANY_BIT;
        for (uint256 id = 1; id < 10; ++id) {
            uint256 assets = uint256(keccak256(abi.encode(id, ASSETS)));
            if (named.markets >> id & 1 == 0 || slot < assets || slot > assets + 2) continue;
            if (at == 1 && slot == assets + 1) return type(uint256).max << 160;
            return at == 6 || (at == 8 && slot == assets + 2) ? ANY_BIT : 0;
        }
        return 0;
    }

    function slotOf(address key, uint256 base) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(key, base)));
    }

    // ------------------------------------------------------------------------------------------------------- callers

    function callers() private pure returns (address[POWERS] memory) {
        return [KEEPER, QUORUM, GUARDIAN, CHALLENGER, LISTER, GOVERNANCE, HEIR, STRANGER];
    }

    function anyAddress(uint256 seed) private view returns (address) {
        if (seed % 4 == 3) return address(uint160(seed));
        return seed % 4 == 2 ? [_other, USD, address(tokens[0]), address(0)][(seed >> 8) % 4] : callers()[(seed >> 8) % POWERS];
    }

    function anyNumber(uint256 seed) private pure returns (uint256) {
        return seed % 4 == 3 ? seed : (seed >> 8) % (seed % 4 == 2 ? 9_000 : 6);
    }

    /// @dev A call of function `at`, mostly such as its caller would make it, and what it speaks of.
    function callOf(uint256 at, address caller, uint256 seed) private view returns (bytes memory data, Named memory named) {
        bytes4 selector = rules[at].selector;
        uint16 id = uint16(bound(seed >> 8, 0, MARKETS + 1));
        uint8 classId = uint8(bound(seed >> 16, 0, 2));
        named = Named(1 << id, classId, caller, address(0));
        if (at == 0) return (batch(id, caller, seed), named);
        if (at == 1) return (abi.encodeWithSelector(selector, id, bound(seed >> 24, 0, 3)), named);
        if (at == 3) return (abi.encodeWithSelector(selector, classId), named);
        if (at == 5) {
            IParameters.Limits memory limits = classId == 1 ? wide() : calm();
            if (seed & 1 << 32 != 0) limits.hotStepBps = anyNumber(seed >> 40);
            if (seed & 1 << 33 != 0) limits.minGapBps = anyNumber(seed >> 40);
            return (abi.encodeWithSelector(selector, classId, limits), named);
        }
        if (at == 6) {
            address collateral = seed & 1 << 32 != 0 ? _other : seed & 1 << 33 != 0 ? _ended : anyAddress(seed >> 40);
            IParameters.MarketListing memory listed = listing(collateral, classId);
            if (seed & 3 << 33 == 0) listed.initialBps = uint16(anyNumber(seed >> 64));
            named.markets = 1 << (parameters.marketCount() + 1);
            named.collateral = listed.collateral;
            return (abi.encodeWithSelector(selector, listed), named);
        }
        if (at == 7) return (abi.encodeWithSelector(selector, id), named);
        if (at == 8) {
            address probe = seed & 3 << 32 == 0 ? anyAddress(seed >> 64) : address(0);
            uint256 lowest = seed & 1 << 34 == 0 ? LOWEST : uint16(anyNumber(seed >> 40));
            return (abi.encodeWithSelector(selector, id, classId, lowest, HIGHEST, probe), named);
        }
        if (at == 9) {
            uint256 until = seed & 1 << 32 == 0 ? 0 : clock + bound(seed >> 40, 0, 31 days);
            uint256 known = bound(id, 1, MARKETS);
            uint256 initial = bound(seed >> 56, 2_300, 5_000);
            named.markets = 1 << known;
            return (abi.encodeWithSelector(selector, held(uint16(known), initial, bound(seed >> 80, 1_800, 2_300), LIMIT, until)), named);
        }
        address account = anyAddress(seed >> 24);
        if (at == 2 || at == 4) named.account = account;
        if (at == 4) {
            return (abi.encodeWithSelector(selector, account, bound(seed >> 40, 0, 6), uint24(seed >> 48), uint24(seed >> 72)), named);
        }
        if (at == 15) {
            uint16[] memory ids = new uint16[](2);
            (ids[0], ids[1]) = (id, 1);
            return (abi.encodeWithSelector(selector, ids), named);
        }
        if ((at == 14 || at == 17 || at == 18) && seed & 1 << 33 == 0) {
            return (abi.encodeWithSelector(selector, tokens[seed % MARKETS], USD), named);
        }
        // One or two words, which most of the others take; what is over is not read.
        if (at == 2 || at == 10 || seed & 1 << 32 == 0) return (abi.encodeWithSelector(selector, account, anyAddress(seed >> 64)), named);
        return (abi.encodeWithSelector(selector, uint256(id), anyNumber(seed >> 40), 0), named);
    }

    function minus(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a - b : 0;
    }

    function batch(uint16 id, address caller, uint256 seed) private view returns (bytes memory) {
        // Of an id that is no market all are 0.
        uint256 initial = minus(stored(id, M.INITIAL) + bound(seed >> 32, 0, 80), 40);
        uint256 limit = minus(limitOf(id), bound(seed >> 40, 0, 80));
        uint256 one = entry(id, initial, minus(stored(id, M.TARGET) + bound(seed >> 48, 0, 20), 10), limit);
        if (seed & 7 << 28 == 0) one = uint112(seed >> 64) & ~(uint256(0xffff) << 96) | uint256(id) << 96;
        uint256 sequence = get(parameters.storedWriter(caller), A.SEQUENCE) + 1;
        if (seed & 7 << 25 == 0) sequence = anyNumber(seed >> 32);
        return abi.encodeCall(IParameters.publishBatch, (headOf(sequence, clock), bytes32(seed), bytesOf(one)));
    }

    // --------------------------------------------------------------------------------------------------------- tests

    /// @dev Returns whether it was done. Reverts when it should not have been, or did what it may not.
    function tried(uint256 at, uint256 power, uint256 seed) private returns (bool ok) {
        address caller = callers()[power];
        (bytes memory data, Named memory named) = callOf(at, caller, seed);
        Change[] memory changes;
        (ok, changes) = changesOf(address(parameters), caller, data);
        isTrue(!ok || rules[at].by >> power & 1 == 1, string.concat("not for this caller: ", rules[at].signature));
        isTrue(ok || changes.length == 0, "what is refused changes nothing");
        for (uint256 i; i < changes.length; ++i) {
            uint256 changed = changes[i].before ^ changes[i].later;
            uint256 outside = changed & ~allowed(at, named, uint256(changes[i].slot));
            isTrue(outside == 0, string.concat("changes what it may not: ", rules[at].signature));
        }
    }

    /// @dev As every power, from a world that others have changed.
    function testFuzz_nobody_does_or_changes_what_the_list_does_not_say(uint256 seed) public {
        uint256 random = seed;
        for (uint256 i; i < 3; ++i) {
            random = uint256(keccak256(abi.encode(random)));
            // Not those that give or end a power: the list would be another.
            uint256 done = random % 9;
            tried(done < 4 ? done : done + 1, (random >> 64) % POWERS, random >> 8);
            pass(bound(random >> 128, 0, 9 hours));
        }
        uint256 at = seed % rules.length;
        for (uint256 power; power < POWERS; ++power) {
            uint256 world_ = vm.snapshotState();
            tried(at, power, uint256(keccak256(abi.encode(seed, power))));
            vm.revertToState(world_);
        }
    }

    function test_who_is_in_the_list_can_do_it() public {
        for (uint256 at; at < rules.length; ++at) {
            for (uint256 power; power < POWERS; ++power) {
                if (rules[at].by >> power & 1 == 0) continue;
                bool done;
                for (uint256 i; i < 60 && !done; ++i) {
                    uint256 world_ = vm.snapshotState();
                    done = tried(at, power, uint256(keccak256(abi.encode(at, power, i))));
                    vm.revertToState(world_);
                }
                isTrue(done, string.concat("nobody in the list can: ", rules[at].signature));
            }
        }
    }

    function test_a_breach_is_seen() public {
        (, Named memory named) = callOf(1, GUARDIAN, 1 << 8);
        isTrue(allowed(1, named, 1) & mask(M.INITIAL) == 0, "a mode does not change initial");
        isTrue(allowed(1, named, 2) == 0, "nor another market");
        (bool ok, Change[] memory changes) =
            changesOf(address(parameters), GUARDIAN, abi.encodeCall(IParameters.setMode, (1, IHaircuts.Mode.NO_NEW_RISK)));
        isTrue(ok && changes.length == 1 && uint256(changes[0].slot) == 1, "market 1 lies in slot 1");
        isTrue(changes[0].later == word(1) && (changes[0].before ^ changes[0].later) & mask(M.MODE) != 0, "and its change is seen");
        isTrue(uint256(vm.load(address(parameters), bytes32(CLASSES + 1))) == parameters.storedClass(1), "classes");
        uint256 account = uint256(vm.load(address(parameters), bytes32(slotOf(KEEPER, ACCOUNTS))));
        isTrue(account == parameters.storedWriter(KEEPER), "accounts");
    }
}
