// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {RiskOraclePublisher} from "../../../contracts/adapters/RiskOraclePublisher.sol";
import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {IRiskOracle} from "../../../contracts/interfaces/adapters/IRiskOracle.sol";
import {vm} from "../support/Vm.sol";
import {AdapterTest} from "./AdapterTest.sol";
import {LikeAHub, LikeAnInjector, LikeAPair, LikeAToken, LikeAVToken} from "./Consumers.sol";

contract RiskOraclePublisherTest is AdapterTest {
    /// @dev Lowest bits of two fields of an update's id.
    uint256 private constant KIND = 1 << 36;
    uint256 private constant MARKET = 1 << 40;
    RiskOraclePublisher private oracle;
    address private market;

    function setUp() public override {
        super.setUp();
        oracle = new RiskOraclePublisher(parameters, USD);
        market = address(weth);
    }

    function latest(string memory kind) private view returns (IRiskOracle.RiskParameterUpdate memory) {
        return oracle.getLatestUpdateByParameterAndMarket(kind, market);
    }

    function valueOf(string memory kind) private view returns (uint256) {
        return abi.decode(latest(kind).newValue, (uint256));
    }

    function test_an_update_is_what_the_parameter_contract_says() public view {
        equal(valueOf("ltv"), 7_800, "1 - 22 %");
        equal(valueOf("liquidationThreshold"), 8_200, "1 - 18 %");
        (uint256 factor, uint256 threshold) =
            abi.decode(latest("collateralFactors").newValue, (uint256, uint256));
        equal(factor, 0.78e18, "the collateral factor with 18 decimals");
        equal(threshold, 0.82e18, "the threshold with 18 decimals");
        IRiskOracle.RiskParameterUpdate memory update = latest("ltv");
        equal(update.timestamp, START - 60, "as old as the data");
        isTrue(update.market == market, "the market asked for");
        equal(update.previousValue.length, 0, "no previous value is claimed");
        (address source, uint16 id, IHaircuts.Haircuts memory whole) =
            abi.decode(update.additionalData, (address, uint16, IHaircuts.Haircuts));
        isTrue(source == address(parameters) && id == 1, "additional data name the source");
        equal(whole.maintenanceBps, 1_800, "and hold the whole answer");
    }

    function test_receipt_tokens_stand_for_their_collateral() public {
        address aToken = address(new LikeAToken(market));
        address vToken = address(new LikeAVToken(market));
        equal(
            abi.decode(oracle.getLatestUpdateByParameterAndMarket("ltv", aToken).newValue, (uint256)), 7_800, "aToken"
        );
        IRiskOracle.RiskParameterUpdate memory update =
            oracle.getLatestUpdateByParameterAndMarket("collateralFactors", vToken);
        isTrue(update.market == vToken, "the update names the market as it was asked for");
    }

    function test_what_has_no_update_reverts() public {
        vm.expectRevert(abi.encodeWithSelector(RiskOraclePublisher.NoUpdate.selector, address(this), USD));
        oracle.getLatestUpdateByParameterAndMarket("ltv", address(this));
        vm.expectRevert(abi.encodeWithSelector(RiskOraclePublisher.NoUpdate.selector, address(0xBEEF), USD));
        oracle.getLatestUpdateByParameterAndMarket("ltv", address(0xBEEF));
        address pair = address(new LikeAPair(market));
        vm.expectRevert(abi.encodeWithSelector(RiskOraclePublisher.NoUpdate.selector, pair, USD));
        oracle.getLatestUpdateByParameterAndMarket("ltv", pair);
        vm.expectRevert(abi.encodeWithSelector(RiskOraclePublisher.UnknownUpdateType.selector, "borrowCap"));
        latest("borrowCap");
        uint256 current = latest("ltv").updateId;
        vm.expectRevert(abi.encodeWithSelector(RiskOraclePublisher.UpdateSuperseded.selector, 0, 0));
        oracle.getUpdateById(0);
        uint256 otherKind = current ^ ((1 ^ 9) * KIND);
        vm.expectRevert(abi.encodeWithSelector(RiskOraclePublisher.UpdateSuperseded.selector, otherKind, 0));
        oracle.getUpdateById(otherKind);
        uint256 otherMarket = current ^ MARKET;
        vm.expectRevert(abi.encodeWithSelector(RiskOraclePublisher.UpdateSuperseded.selector, otherMarket, 0));
        oracle.getUpdateById(otherMarket);
        vm.expectRevert(abi.encodeWithSelector(RiskOraclePublisher.UpdateSuperseded.selector, current + 1, current));
        oracle.getUpdateById(current + 1);
    }

    function test_nobody_publishes() public view {
        isTrue(!oracle.isAuthorized(address(this)) && !oracle.isAuthorized(address(0)), "nobody is authorized");
        string[] memory types = oracle.getAllUpdateTypes();
        equal(types.length, 4, "four types");
        for (uint256 i; i < 4; ++i) isTrue(latest(types[i]).updateId != 0, types[i]);
    }

    function test_an_update_can_be_read_by_its_id_until_the_value_changes() public {
        IRiskOracle.RiskParameterUpdate memory update = latest("liquidationThreshold");
        vm.warp(START + 1 days);
        bytes memory again = abi.encode(oracle.getUpdateById(update.updateId));
        isTrue(keccak256(again) == keccak256(abi.encode(update)), "the same update, a day later");
        set(2_200, 1_801);
        uint256 next = latest("liquidationThreshold").updateId;
        vm.expectRevert(abi.encodeWithSelector(RiskOraclePublisher.UpdateSuperseded.selector, update.updateId, next));
        oracle.getUpdateById(update.updateId);
    }

    function test_with_the_same_data_tighter_goes_through_at_once_and_looser_waits() public {
        uint256 before = latest("ltv").updateId;
        set(10_000, 1_800, START - 60, IHaircuts.Mode.NO_NEW_RISK);
        uint256 closed = latest("ltv").updateId;
        isTrue(closed > before, "a closed market has a higher id");
        set(2_200, 1_800);
        equal(latest("ltv").updateId, before, "opened again on the same data it is the old update");
        set(2_200, 1_800, START - 50, IHaircuts.Mode.NORMAL);
        isTrue(latest("ltv").updateId > closed, "newer data are above everything");
    }

    function test_a_closed_market_speaks_now_and_a_stale_one_with_the_age_of_its_data() public {
        vm.warp(START + 10 days);
        equal(latest("ltv").timestamp, START - 60, "stale");
        for (uint256 mode = 1; mode <= 2; ++mode) {
            set(10_000, 1_800, START - 60, IHaircuts.Mode(mode));
            equal(latest("ltv").timestamp, START + 10 days, "closing is a statement of this block");
            equal(latest("collateralFactors").timestamp, START + 10 days, "in both forms");
            equal(latest("liquidationThreshold").timestamp, START - 60, "the threshold is as old as its data");
        }
    }

    function test_an_injector_executes_each_value_once_and_stops_when_the_data_expire() public {
        LikeAnInjector injector = new LikeAnInjector(oracle, 6 hours);
        isTrue(injector.inject("ltv", market) && injector.ltv() == 7_800, "executed");
        isTrue(!injector.inject("ltv", market), "not executed again while nothing changed");
        isTrue(injector.inject("liquidationThreshold", market), "another type is another id");
        set(2_500, 1_800, START, IHaircuts.Mode.NORMAL);
        vm.warp(START + 6 hours);
        isTrue(!injector.inject("ltv", market), "data as old as the expiration period are refused");
        set(10_000, 1_800, START, IHaircuts.Mode.NO_NEW_RISK);
        isTrue(injector.inject("ltv", market) && injector.ltv() == 0, "a closed market closes it, however old the data");
    }

    function test_the_exposure_limit_is_a_supply_cap_in_every_mode() public {
        parameters.setLimit(1, 55_168, true);
        equal(valueOf("supplyCap"), 55_168, "whole tokens");
        uint256 open = latest("supplyCap").updateId;
        parameters.setLimit(1, 55_167, false);
        set(10_000, 1_800, START - 60, IHaircuts.Mode.NO_NEW_RISK);
        equal(valueOf("supplyCap"), 55_167, "closed: still the limit");
        isTrue(latest("supplyCap").updateId > open, "a lower limit has a higher id");
        equal(latest("supplyCap").timestamp, START - 60, "as old as its data");
        (,,, bool mayGrow) = abi.decode(latest("supplyCap").additionalData, (address, uint16, IHaircuts.Haircuts, bool));
        isTrue(!mayGrow, "and the additional data say no more");
        parameters.setLimit(1, type(uint256).max, true);
        equal(valueOf("supplyCap"), (1 << 36) - 1, "what Aave takes at most");
    }

    function test_a_hub_takes_only_higher_ids_so_it_never_loosens_on_old_data() public {
        LikeAHub hub = new LikeAHub(oracle);
        isTrue(hub.inject("ltv", market), "executed");
        set(3_000, 1_800);
        isTrue(hub.inject("ltv", market) && hub.value() == 7_000, "tighter on the same data");
        set(2_200, 1_800);
        isTrue(!hub.inject("ltv", market) && hub.value() == 7_000, "looser on the same data waits");
        set(2_200, 1_800, START, IHaircuts.Mode.NORMAL);
        isTrue(hub.inject("ltv", market) && hub.value() == 7_800, "for newer data");
    }

    function test_fuzz_ids_order_by_data_then_by_tightness_and_never_collide(
        uint16[2] memory initial,
        uint16[2] memory maintenance,
        uint40[2] memory asOf
    ) public {
        uint256[4][2] memory ids;
        string[] memory types = oracle.getAllUpdateTypes();
        for (uint256 i; i < 2; ++i) {
            initial[i] = uint16(bound(initial[i], 0, 10_000));
            maintenance[i] = uint16(bound(maintenance[i], 0, 10_000));
            set(initial[i], maintenance[i], asOf[i], IHaircuts.Mode.NORMAL);
            parameters.setLimit(1, initial[i], true);
            for (uint256 j; j < 4; ++j) {
                ids[i][j] = latest(types[j]).updateId;
                for (uint256 k; k < j; ++k) isTrue(ids[i][k] != ids[i][j], "types never collide");
            }
        }
        for (uint256 j; j < 4; ++j) {
            if (asOf[0] < asOf[1]) isTrue(ids[0][j] < ids[1][j], "newer data, higher id");
        }
        if (asOf[0] == asOf[1]) {
            isTrue((ids[0][0] < ids[1][0]) == (initial[0] < initial[1]), "tighter LTV, higher id");
            isTrue((ids[0][1] < ids[1][1]) == (maintenance[0] < maintenance[1]), "tighter threshold, higher id");
            isTrue((ids[0][3] < ids[1][3]) == (initial[0] > initial[1]), "lower limit, higher id");
        }
    }
}
