// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {CurrentParameters} from "../../../contracts/adapters/CurrentParameters.sol";
import {Challenge} from "../../../contracts/gateways/Challenge.sol";
import {ListingGate} from "../../../contracts/gateways/ListingGate.sol";
import {ProbeVault} from "../../../contracts/gateways/ProbeVault.sol";
import {SignerQuorum} from "../../../contracts/gateways/SignerQuorum.sol";
import {IParameters} from "../../../contracts/parameters/IParameters.sol";
import {A, M} from "../../../contracts/parameters/Words.sol";
import {MockERC20} from "../../mocks/MockERC20.sol";
import {World} from "../parameters/World.sol";
import {Change, Writes} from "../support/Writes.sol";
import {vm} from "../support/Vm.sol";

/// @dev Every function of the gateways, and of the register of deployments, that can change anything: who may call it, and which
/// words of its own and of the parameter contract it may change.
contract GatewayPermissionsTest is World, Writes {
    address private constant HEIR = address(0x4E18);
    address private constant DEPOSITOR = address(0xDE9);
    uint256 private constant CALLERS = 5;
    uint256 private constant ALL = (1 << CALLERS) - 1;
    uint256 private constant OF_GOVERNANCE = 1;
    uint256 private constant OF_DEPOSITOR = 2;
    uint256 private constant OF_HEIR = 4;
    uint256 private constant OF_GATE = 8;

    uint256 private constant CLASSES = 1 << 16;
    uint256 private constant ACCOUNTS = CLASSES + 64;
    /// @dev Of a rule: whose function it is.
    address[] private _targets;

    Challenge private challenge;
    ListingGate private gate;
    SignerQuorum private quorum;
    CurrentParameters private register;
    IParameters private next;
    MockERC20 private passed;
    ProbeVault private vault;
    uint256 private deadline;

    function setUp() public {
        world();
        challenge = new Challenge(parameters, GOVERNANCE, 3);
        gate = new ListingGate(parameters, GOVERNANCE);
        address[] memory keys = new address[](1);
        keys[0] = vm.addr(0xA11CE);
        quorum = new SignerQuorum(1, keys);
        register = new CurrentParameters(parameters, GOVERNANCE);
        next = parameters;
        admit(address(challenge), IParameters.Power.CHALLENGER, 0, 0);
        admit(address(gate), IParameters.Power.LISTER, 0, 0);
        admit(address(quorum), IParameters.Power.QUORUM, 400, 400);
        vm.prank(GOVERNANCE);
        register.transferOwnership(HEIR);

        passed = new MockERC20("Passed", "PSD", 18);
        passed.mint(DEPOSITOR, 1e30);
        vm.prank(DEPOSITOR);
        passed.approve(address(gate), type(uint256).max);
        for (uint256 i; i < 2; ++i) {
            vm.prank(DEPOSITOR);
            gate.startProbe(address(passed), 1e18);
        }
        pass(25 hours);
        gate.finishProbe(1);
        (,, vault,,) = gate.probes(2);
        deadline = clock + 2 days;
        list();
    }

    function list() private {
        add(address(challenge), "challenge(uint16,uint8,uint80)", ALL);
        add(address(challenge), "setFeeds(uint16,(address,address,uint16,uint16,uint32,uint32))", OF_GOVERNANCE);
        add(address(challenge), "transferOwnership(address)", OF_GOVERNANCE);
        add(address(challenge), "renounceOwnership()", OF_GOVERNANCE);
        add(address(gate), "list((address,address,uint8,uint16,uint16,uint16,uint16,uint16))", OF_GOVERNANCE);
        add(address(gate), "startProbe(address,uint256)", OF_DEPOSITOR);
        add(address(gate), "finishProbe(uint256)", ALL);
        add(address(gate), "withdrawProbe(uint256)", OF_DEPOSITOR);
        add(address(gate), "transferOwnership(address)", OF_GOVERNANCE);
        add(address(gate), "renounceOwnership()", OF_GOVERNANCE);
        add(address(quorum), "publishSigned(address,uint256,bytes32,bytes,bytes)", ALL);
        add(address(vault), "release(address,address,uint256)", OF_GATE);
        add(address(register), "move(address)", OF_GOVERNANCE);
        add(address(register), "transferOwnership(address)", OF_GOVERNANCE);
        add(address(register), "acceptOwnership()", OF_HEIR);
        add(address(register), "renounceOwnership()", OF_GOVERNANCE);
    }

    function add(address target, string memory signature, uint256 by) private {
        _targets.push(target);
        rule(signature, by);
    }

    function callers() private view returns (address[CALLERS] memory) {
        return [GOVERNANCE, DEPOSITOR, HEIR, address(gate), STRANGER];
    }

    // ---------------------------------------------------------------------------------- what each function may change

    function mapped(uint256 key, uint256 base) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(key, base)));
    }

    function isIn(uint256 slot, uint256 first, uint256 count) private pure returns (bool) {
        return slot >= first && slot < first + count;
    }

    /// @dev Whether the gateway may change this word of its own. `named`: the market, proof, probe or asset.
    function isOwn(uint256 at, uint256 named, uint256 proof, uint256 slot) private view returns (bool) {
        uint256 ring = mapped(proof, 3);
        if (at == 0) return slot == mapped(named, 2) || slot == ring || slot == mapped(0, ring + 1);
        if (at == 1) return isIn(slot, mapped(named, 1), 3);
        if (at == 2 || at == 3) return slot == 0;
        if (at == 5) return slot == 0 || isIn(slot, mapped(3, 1), 5);
        if (at == 6) return isIn(slot, mapped(named, 1), 5) || slot == mapped(uint160(address(passed)), 2);
        if (at == 7) return isIn(slot, mapped(named, 1), 5);
        if (at == 8 || at == 9) return slot == 3;
        if (at == 12) return slot == 2;
        if (at == 13) return slot == 1;
        return (at == 14 || at == 15) && slot < 2;
    }

    /// @dev The bits of a word of the parameter contract that it may change.
    function ofParameters(uint256 at, uint256 named, uint256 slot) private view returns (uint256) {
        uint256 modes = mask(M.MODE) | mask(M.MODE_UNTIL) | mask(M.CHALLENGED);
        if (at == 0) return slot == named ? M.BY_TIME | modes : 0;
        uint256 account = mapped(uint160(address(quorum)), ACCOUNTS);
        if (at == 10) return slot == named ? M.BY_UPDATE : slot == account ? ~(mask(A.POWER) | mask(A.AGGREGATE) | mask(A.TRIP)) : 0;
        if (at != 4) return 0;
        bool isNew = slot == MARKETS + 1 || isIn(slot, mapped(MARKETS + 1, ACCOUNTS + 2), 2);
        uint256 pair = mapped(uint160(USD), mapped(uint160(address(passed)), ACCOUNTS + 1));
        return isNew || slot == pair ? type(uint256).max : slot == ACCOUNTS + 3 ? 0xffff : 0;
    }

    function mask(uint256 field) private pure returns (uint256) {
        return ((1 << (field >> 8)) - 1) << (field & 0xff);
    }

    // --------------------------------------------------------------------------------------------------------- calls

    function anyAddress(uint256 seed) private view returns (address) {
        return [address(passed), address(tokens[0]), HEIR, address(uint160(seed >> 8))][seed % 4];
    }

    function callOf(uint256 at, uint256 seed) private view returns (bytes memory, uint256 named, uint256 proof) {
        bytes4 selector = rules[at].selector;
        named = bound(seed >> 8, 1, MARKETS);
        if (at == 0) {
            proof = seed % 4 < 2 ? 0 : seed % 3;
            return (abi.encodeWithSelector(selector, named, proof, seed >> 200), named, proof);
        }
        if (at == 1) return (abi.encodeWithSelector(selector, named, anyAddress(seed), address(0), 0, 0, seed % 3, 0), named, 0);
        if (at == 4) return (abi.encodeWithSelector(selector, listing(seed % 3 == 0 ? anyAddress(seed >> 16) : address(passed), 0)), named, 0);
        if (at == 5) return (abi.encodeWithSelector(selector, anyAddress(seed), bound(seed >> 16, 1e5, 1e20)), named, 0);
        if (at == 6 || at == 7) {
            named = bound(seed >> 16, 0, 3);
            return (abi.encodeWithSelector(selector, named), named, 0);
        }
        if (at == 10) return (signed(uint16(named), seed), named, 0);
        if (at == 11) return (abi.encodeWithSelector(selector, address(passed), anyAddress(seed), seed % 2e18), named, 0);
        if (at == 12) return (abi.encodeWithSelector(selector, seed % 3 == 0 ? anyAddress(seed) : address(next)), named, 0);
        return (abi.encodeWithSelector(selector, anyAddress(seed)), named, 0);
    }

    function signed(uint16 id, uint256 seed) private view returns (bytes memory) {
        bytes memory entries = bytesOf(entry(id, stored(id, M.INITIAL) + seed % 9, stored(id, M.TARGET), limitOf(id)));
        uint256 head = headOf(1, deadline);
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(seed % 4 == 0 ? seed % 1e9 + 1 : 0xA11CE, quorum.digestOf(parameters, head, bytes32(seed), entries));
        bytes memory signatures = abi.encodePacked(r, s, v);
        return abi.encodeCall(SignerQuorum.publishSigned, (parameters, head, bytes32(seed), entries, signatures));
    }

    // --------------------------------------------------------------------------------------------------------- tests

    function tried(uint256 at, uint256 index, uint256 seed) private returns (bool ok) {
        address caller = callers()[index];
        (bytes memory data, uint256 named, uint256 proof) = callOf(at, seed);
        uint256 before = vm.snapshotState();
        Change[] memory changes;
        (ok, changes) = changesIn(address(parameters), _targets[at], caller, data);
        isTrue(!ok || rules[at].by >> index & 1 == 1, string.concat("not for this caller: ", rules[at].signature));
        for (uint256 i; i < changes.length; ++i) {
            uint256 may = ok ? ofParameters(at, named, uint256(changes[i].slot)) : 0;
            bool within = (changes[i].before ^ changes[i].later) & ~may == 0;
            isTrue(within, string.concat("changes of the core what it may not: ", rules[at].signature));
        }
        vm.revertToState(before);
        (, changes) = changesOf(_targets[at], caller, data);
        for (uint256 i; i < changes.length; ++i) {
            bool may = ok && isOwn(at, named, proof, uint256(changes[i].slot));
            isTrue(may, string.concat("changes of its own what it may not: ", rules[at].signature));
        }
    }

    function testFuzz_nobody_does_or_changes_what_the_list_does_not_say(uint256 seed) public {
        uint256 at = seed % rules.length;
        for (uint256 index; index < CALLERS; ++index) {
            uint256 world_ = vm.snapshotState();
            tried(at, index, uint256(keccak256(abi.encode(seed, index))));
            vm.revertToState(world_);
        }
    }

    function test_who_is_in_the_list_can_do_it() public {
        for (uint256 at; at < rules.length; ++at) {
            for (uint256 index; index < CALLERS; ++index) {
                if (rules[at].by >> index & 1 == 0) continue;
                bool done;
                for (uint256 i; i < 40 && !done; ++i) {
                    uint256 world_ = vm.snapshotState();
                    done = tried(at, index, uint256(keccak256(abi.encode(at, index, i))));
                    vm.revertToState(world_);
                }
                isTrue(done, string.concat("nobody in the list can: ", rules[at].signature));
            }
        }
    }
}
