// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {ICollateralParameters as Params} from "../../contracts/interfaces/ICollateralParameters.sol";
import {IParameterEvents} from "../../contracts/interfaces/IParameterEvents.sol";
import {IParameterTypes as Types} from "../../contracts/interfaces/IParameterTypes.sol";
import {ParametersTest} from "./support/ParametersWorld.sol";
import {vm} from "./support/Vm.sol";
import {Slots} from "./support/Words.sol";

interface IGenesis {
    function genesis(
        address governance,
        address keeper,
        address quorum,
        address guardian,
        Types.ProfileValues[] calldata profiles,
        Types.SequencerValues calldata sequencer,
        Types.ClassListing[] calldata classes,
        Types.MarketListing[] calldata markets
    ) external;
}

/// @dev What the module may do, and where.
contract ModuleTest is ParametersTest {
    bytes4 private constant ONLY_AT_GENESIS = bytes4(keccak256("OnlyAtGenesis()"));

    Params private module;

    function setUp() public override {
        super.setUp();
        module = Params(parameters.module());
    }

    function genesis() private pure returns (bytes memory) {
        return abi.encodeCall(
            IGenesis.genesis,
            (
                STRANGER,
                STRANGER,
                STRANGER,
                STRANGER,
                calmProfiles(),
                Types.SequencerValues(address(0), 0),
                calmClasses(),
                new Types.MarketListing[](0)
            )
        );
    }

    function refusesGenesis(address target) private {
        vm.prank(STRANGER);
        (bool done, bytes memory said) = target.call(genesis());
        isTrue(!done && bytes4(said) == ONLY_AT_GENESIS, "genesis happens in a constructor or not at all");
    }

    function test_genesis_cannot_be_repeated() public {
        refusesGenesis(address(parameters));
        isTrue(!IAccessControl(address(parameters)).hasRole(ADMIN_ROLE, STRANGER), "a stranger gained no role");
    }

    function test_genesis_cannot_be_run_on_the_module() public {
        refusesGenesis(address(module));
    }

    function test_nobody_holds_a_role_on_the_module_itself() public view {
        address[6] memory accounts = [GOVERNANCE, KEEPER, QUORUM, GUARDIAN, LISTER, address(this)];
        bytes32[6] memory roles = [ADMIN_ROLE, KEEPER_ROLE, QUORUM_ROLE, GUARDIAN_ROLE, LISTER_ROLE, CHALLENGER_ROLE];
        for (uint256 i; i < 6; ++i) {
            for (uint256 j; j < 6; ++j) {
                isTrue(!IAccessControl(address(module)).hasRole(roles[j], accounts[i]), "no role on the module itself");
            }
        }
    }

    function test_the_module_refuses_every_power_at_its_own_address() public {
        vm.startPrank(GOVERNANCE);
        bytes4 refused = IAccessControl.AccessControlUnauthorizedAccount.selector;
        bytes[8] memory calls = [
            abi.encodeCall(parameters.listMarket, (calmListing(0))),
            abi.encodeCall(parameters.setLimits, (0, calmLimits())),
            abi.encodeCall(parameters.setClass, (0, 1)),
            abi.encodeCall(parameters.overrideMarkets, (held(1, 2_300, 1_900, clock))),
            abi.encodeCall(parameters.setAggregateBudget, (1, 1)),
            abi.encodeCall(parameters.resetBreaker, ()),
            abi.encodeCall(parameters.setProbe, (1, address(0))),
            abi.encodeCall(IAccessControl.grantRole, (KEEPER_ROLE, GOVERNANCE))
        ];
        for (uint256 i; i < calls.length; ++i) {
            (bool done, bytes memory said) = address(module).call(calls[i]);
            isTrue(!done && bytes4(said) == refused, "the module has no governance of its own");
        }
        vm.expectRevert(abi.encodeWithSelector(IParameterEvents.UnknownMarket.selector, uint16(1)));
        module.setMode(1, Types.Mode.FROZEN);
        vm.stopPrank();
    }

    function test_the_module_has_the_profiles_of_its_maker() public view {
        for (uint8 i; i < 4; ++i) {
            isTrue(
                keccak256(abi.encode(module.profile(i))) == keccak256(abi.encode(parameters.profile(i))),
                "the module holds the profiles of its maker"
            );
        }
    }

    function test_a_holder_who_renounces_cannot_write_any_more() public {
        vm.prank(KEEPER);
        IAccessControl(address(parameters)).renounceRole(KEEPER_ROLE, KEEPER);
        refusesWriting(KEEPER, KEEPER_ROLE);
    }

    function test_a_keeper_granted_later_can_write_until_revoked() public {
        vm.prank(GOVERNANCE);
        IAccessControl(address(parameters)).grantRole(KEEPER_ROLE, STRANGER);
        Types.Batch memory batch = batchOf(restateAll());
        vm.prank(STRANGER);
        parameters.update(batch);
        send(restateAll());
        vm.prank(GOVERNANCE);
        IAccessControl(address(parameters)).revokeRole(KEEPER_ROLE, STRANGER);
        refusesWriting(STRANGER, KEEPER_ROLE);
    }

    function test_a_keeper_does_not_pass_the_quorums_door_nor_the_quorum_the_keepers() public {
        Types.Batch memory batch = batchOf(restateAll());
        vm.prank(KEEPER);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, KEEPER, QUORUM_ROLE)
        );
        parameters.updateByQuorum(batch);
        refusesWriting(QUORUM, KEEPER_ROLE);
    }

    /// @dev Doors read copies of two roles. Whatever happens to the roles, they open to their holders and to nobody else.
    function test_fuzz_the_doors_open_to_the_holders_of_the_roles(uint256 seed) public {
        address[5] memory accounts = [KEEPER, QUORUM, GUARDIAN, STRANGER, address(uint160(2) ** 140)];
        IAccessControl access = IAccessControl(address(parameters));
        for (uint256 step; step < 12; ++step) {
            seed = uint256(keccak256(abi.encode(seed)));
            address account = accounts[seed % 5];
            bytes32 role = (seed >> 8) % 3 == 0 ? QUORUM_ROLE : KEEPER_ROLE;
            uint256 act = (seed >> 16) % 3;
            vm.prank(act == 2 ? account : GOVERNANCE);
            if (act == 0) access.grantRole(role, account);
            else if (act == 1) access.revokeRole(role, account);
            else access.renounceRole(role, account);
            for (uint256 i; i < 5; ++i) {
                isTrue(opens(accounts[i], false) == access.hasRole(KEEPER_ROLE, accounts[i]), "update is the keepers'");
                isTrue(opens(accounts[i], true) == access.hasRole(QUORUM_ROLE, accounts[i]), "the other the quorum's");
            }
        }
    }

    function test_a_batch_listing_budget_and_reset_leave_the_keeper_in_the_door() public {
        uint256 tag = Slots.lastKeeper(vm.load(address(parameters), Slots.CONTRACT_WIDE));
        equal(tag, uint160(KEEPER), "the keeper granted last is in the door");
        send(restateAll());
        vm.startPrank(GOVERNANCE);
        parameters.setAggregateBudget(type(uint24).max, type(uint24).max);
        parameters.resetBreaker();
        vm.stopPrank();
        equal(Slots.lastKeeper(vm.load(address(parameters), Slots.CONTRACT_WIDE)), tag, "and stays there");
        equal(parameters.door().quorumAggregateBps, type(uint24).max, "beside the state");
        isTrue(!parameters.door().tightenOnly, "no keeper reads as a tripped breaker");
    }

    /// @dev Whether an empty batch of this account gets as far as being refused for what it is.
    function opens(address account, bool quorum) private returns (bool) {
        Types.Batch memory empty;
        vm.prank(account);
        (bool done, bytes memory said) = address(parameters).call(
            quorum ? abi.encodeCall(parameters.updateByQuorum, (empty)) : abi.encodeCall(parameters.update, (empty))
        );
        isTrue(!done, "an empty batch is refused");
        if (bytes4(said) == IParameterEvents.WrongSequence.selector) return true;
        isTrue(bytes4(said) == IAccessControl.AccessControlUnauthorizedAccount.selector, "with one of two reasons");
        return false;
    }

    function refusesWriting(address account, bytes32 role) private {
        Types.Batch memory batch = batchOf(restateAll());
        vm.prank(account);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, account, role)
        );
        parameters.update(batch);
    }

    function test_an_unknown_function_reverts() public {
        (bool done, bytes memory said) = address(parameters).call(abi.encodeWithSignature("upgradeTo(address)", STRANGER));
        isTrue(!done && said.length == 0, "no function, no answer");
        (done,) = address(parameters).call("");
        isTrue(!done, "an empty call is refused");
    }

    function test_ether_is_refused() public {
        isTrue(address(this).balance > 1, "the test has ether to send");
        (bool done,) = address(parameters).call{value: 1}("");
        isTrue(!done, "the contract takes no ether");
        (done,) = address(parameters).call{value: 1}(abi.encodeCall(parameters.resetBreaker, ()));
        isTrue(!done, "nor through its module");
    }
}
