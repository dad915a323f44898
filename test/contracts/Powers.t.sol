// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {ICollateralParameters as Params} from "../../contracts/interfaces/ICollateralParameters.sol";
import {vm} from "./support/Vm.sol";
import {WorldTest} from "./support/WorldTest.sol";

contract PowersTest is WorldTest {
    bytes32 private constant ADMIN_ROLE = bytes32(0);
    bytes32 private constant KEEPER_ROLE = keccak256("KEEPER_ROLE");
    bytes32 private constant GUARDIAN_ROLE = keccak256("GUARDIAN_ROLE");

    function test_the_deployer_holds_nothing_and_each_role_has_its_one_holder() public view {
        bytes32[3] memory roles = [ADMIN_ROLE, KEEPER_ROLE, GUARDIAN_ROLE];
        address[3] memory holders = [GOVERNANCE, KEEPER, GUARDIAN];
        for (uint256 i; i < 3; ++i) {
            isTrue(!parameters.hasRole(roles[i], address(this)), "the deployer holds no role");
            isTrue(parameters.getRoleAdmin(roles[i]) == ADMIN_ROLE, "governance administers every role");
            for (uint256 j; j < 3; ++j) {
                isTrue(parameters.hasRole(roles[i], holders[j]) == (i == j), "one holder, one role");
            }
        }
    }

    function test_zero_addresses_are_refused_at_deployment() public {
        Params.MarketListing[] memory none = new Params.MarketListing[](0);
        vm.expectRevert(abi.encodeWithSelector(Params.ZeroAddress.selector, "governance"));
        this.deployExternally(address(0), KEEPER, GUARDIAN, none);
        vm.expectRevert(abi.encodeWithSelector(Params.ZeroAddress.selector, "keeper"));
        this.deployExternally(GOVERNANCE, address(0), GUARDIAN, none);
        vm.expectRevert(abi.encodeWithSelector(Params.ZeroAddress.selector, "guardian"));
        this.deployExternally(GOVERNANCE, KEEPER, address(0), none);
    }

    function test_only_the_keeper_writes_batches() public {
        Params.Batch memory batch = batchOf(restate(1));
        address[4] memory others = [GOVERNANCE, GUARDIAN, STRANGER, address(this)];
        for (uint256 i; i < 4; ++i) {
            refused(others[i], KEEPER_ROLE);
            vm.prank(others[i]);
            parameters.update(batch);
        }
    }

    function test_only_governance_sets_limits_and_lists() public {
        address[3] memory others = [KEEPER, GUARDIAN, STRANGER];
        Params.MarketListing memory listing = calmListing(address(parameters));
        for (uint256 i; i < 3; ++i) {
            refused(others[i], ADMIN_ROLE);
            vm.prank(others[i]);
            parameters.setLimits(1, calmLimits());
            refused(others[i], ADMIN_ROLE);
            vm.prank(others[i]);
            parameters.listMarket(listing);
        }
    }

    function test_keeper_and_strangers_set_no_mode() public {
        address[2] memory others = [KEEPER, STRANGER];
        for (uint256 i; i < 2; ++i) {
            refused(others[i], GUARDIAN_ROLE);
            vm.prank(others[i]);
            parameters.setMode(1, Params.Mode.FROZEN);
        }
    }

    function test_the_guardian_makes_a_market_safer_in_one_transaction() public {
        vm.expectEmit(true, true, false, true, address(parameters));
        emit Params.ModeChanged(1, Params.Mode.NO_NEW_RISK, GUARDIAN, 1_800e9);
        vm.prank(GUARDIAN);
        parameters.setMode(1, Params.Mode.NO_NEW_RISK);
        vm.prank(GUARDIAN);
        parameters.setMode(1, Params.Mode.FROZEN);
        vm.prank(GUARDIAN);
        parameters.setMode(2, Params.Mode.FROZEN);
        equal(uint256(parameters.haircuts(2).mode), uint256(Params.Mode.FROZEN), "from NORMAL straight to FROZEN");
    }

    function test_the_guardian_never_makes_a_market_less_safe() public {
        for (uint8 current; current < 3; ++current) {
            setMode(1, Params.Mode(current));
            for (uint8 wanted; wanted <= current; ++wanted) {
                vm.expectRevert(
                    abi.encodeWithSelector(
                        Params.ModeNotSafer.selector, 1, Params.Mode(wanted), Params.Mode(current)
                    )
                );
                vm.prank(GUARDIAN);
                parameters.setMode(1, Params.Mode(wanted));
            }
        }
    }

    function test_governance_sets_any_mode() public {
        for (uint8 from; from < 3; ++from) {
            for (uint8 to; to < 3; ++to) {
                setMode(1, Params.Mode(from));
                setMode(1, Params.Mode(to));
                equal(uint256(parameters.haircuts(1).mode), to, "governance sets any mode from any mode");
            }
        }
    }

    function test_modes_of_unknown_markets_are_refused() public {
        vm.expectRevert(abi.encodeWithSelector(Params.UnknownMarket.selector, 11));
        setMode(11, Params.Mode.FROZEN);
        vm.expectRevert(abi.encodeWithSelector(Params.UnknownMarket.selector, 0));
        setLimits(0, calmLimits());
    }

    function test_a_revoked_keeper_writes_no_more_and_a_new_one_carries_on() public {
        Params.Batch memory batch = batchOf(restate(1));
        vm.startPrank(GOVERNANCE);
        parameters.revokeRole(KEEPER_ROLE, KEEPER);
        parameters.grantRole(KEEPER_ROLE, STRANGER);
        vm.stopPrank();
        refused(KEEPER, KEEPER_ROLE);
        vm.prank(KEEPER);
        parameters.update(batch);
        vm.prank(STRANGER);
        parameters.update(batch);
    }

    function test_neither_keeper_nor_guardian_touches_roles() public {
        address[2] memory others = [KEEPER, GUARDIAN];
        for (uint256 i; i < 2; ++i) {
            refused(others[i], ADMIN_ROLE);
            vm.prank(others[i]);
            parameters.grantRole(KEEPER_ROLE, STRANGER);
            refused(others[i], ADMIN_ROLE);
            vm.prank(others[i]);
            parameters.revokeRole(GUARDIAN_ROLE, GUARDIAN);
        }
    }

    /// @dev External, so that its failure can be expected.
    function deployExternally(
        address governance,
        address keeper,
        address guardian,
        Params.MarketListing[] memory listings
    ) external {
        deploy(governance, keeper, guardian, listings);
    }

    function refused(address account, bytes32 role) private {
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, account, role)
        );
    }
}
