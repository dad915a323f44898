// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {CurrentParameters} from "../../../contracts/adapters/CurrentParameters.sol";
import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {IParameters} from "../../../contracts/parameters/IParameters.sol";
import {MockERC20} from "../../mocks/MockERC20.sol";
import {World} from "../parameters/World.sol";
import {vm} from "../support/Vm.sol";

/// @dev A consumer that holds one address, through two deployments.
contract CurrentParametersTest is World {
    CurrentParameters private register;
    IParameters private first;

    function setUp() public {
        world();
        first = parameters;
        register = new CurrentParameters(first, GOVERNANCE);
    }

    /// @dev The same pairs in another contract, market 1 listed at these haircuts.
    function next(uint16 initial, uint16 maintenance) private returns (IParameters deployed) {
        IParameters.MarketListing[] memory listings = new IParameters.MarketListing[](MARKETS);
        for (uint256 i; i < MARKETS; ++i) listings[i] = listing(address(tokens[i]), i == 3 ? 1 : 0);
        (listings[0].initialBps, listings[0].maintenanceBps) = (initial, maintenance);
        IParameters.ClassListing[] memory classes = new IParameters.ClassListing[](2);
        classes[0] = IParameters.ClassListing(0, calm());
        classes[1] = IParameters.ClassListing(1, wide());
        return deploy(accounts(), classes, listings);
    }

    function move(IParameters to) private {
        vm.prank(GOVERNANCE);
        register.move(to);
    }

    function same(IHaircuts.Haircuts memory a, IHaircuts.Haircuts memory b) private pure {
        isTrue(keccak256(abi.encode(a)) == keccak256(abi.encode(b)), "what is read is what the present contract says");
    }

    function test_every_read_is_that_of_the_present_contract() public {
        IParameters second = next(2_600, 1_700);
        for (uint256 moved; moved < 2; ++moved) {
            IParameters present = moved == 0 ? first : second;
            for (uint16 id = 1; id <= MARKETS; ++id) {
                address token = address(tokens[id - 1]);
                same(register.haircuts(id), present.haircuts(id));
                same(register.haircuts(token, USD), present.haircuts(token, USD));
                (bool known, IHaircuts.Haircuts memory read) = register.tryHaircuts(id);
                same(read, present.haircuts(id));
                (bool pair, IHaircuts.Haircuts memory byPair) = register.tryHaircuts(token, USD);
                same(byPair, read);
                (uint256 tokens_, bool mayGrow) = register.exposureLimit(id);
                (uint256 limit, bool grows) = present.exposureLimit(id);
                isTrue(known && pair && tokens_ == limit && mayGrow == grows, "soft reads and the limit too");
                equal(register.marketOf(token, USD), id, "ids stay");
            }
            if (moved == 0) move(second);
        }
        uint16[] memory ids = new uint16[](1);
        ids[0] = 1;
        equal(register.haircutsMany(ids)[0].initialBps, 2_600, "the second deployment is read");
        (bool unknown, IHaircuts.Haircuts memory closed) = register.tryHaircuts(uint16(MARKETS + 1));
        isTrue(!unknown && closed.initialBps == 10_000, "an unknown market reads closed");
        vm.expectRevert(abi.encodeWithSelector(IHaircuts.UnknownMarket.selector, uint16(MARKETS + 1)));
        register.haircuts(uint16(MARKETS + 1));
    }

    function test_a_move_raises_no_maintenance() public {
        IParameters higher = next(2_600, 1_801);
        vm.expectRevert(abi.encodeWithSelector(CurrentParameters.MaintenanceRises.selector, 1, 1_801, 1_800));
        move(higher);
        isTrue(register.current() == first, "nothing moved");
    }

    function test_a_market_keeps_its_debt() public {
        IParameters.MarketListing[] memory listings = new IParameters.MarketListing[](1);
        listings[0] = listing(address(tokens[0]), 0);
        listings[0].debt = address(tokens[1]);
        IParameters.ClassListing[] memory classes = new IParameters.ClassListing[](1);
        classes[0] = IParameters.ClassListing(0, calm());
        IParameters other = deploy(accounts(), classes, listings);
        vm.expectRevert(
            abi.encodeWithSelector(CurrentParameters.OtherMarket.selector, 1, address(tokens[0]), address(tokens[1]))
        );
        move(other);
    }

    function test_a_market_keeps_its_id() public {
        (tokens[0], tokens[1]) = (tokens[1], tokens[0]);
        IParameters swapped = next(2_400, 1_800);
        (tokens[0], tokens[1]) = (tokens[1], tokens[0]);
        vm.expectRevert(
            abi.encodeWithSelector(CurrentParameters.OtherMarket.selector, 1, address(tokens[1]), USD)
        );
        move(swapped);
    }

    /// @dev Found by a third reader: who holds the id of an ended market would lend by another's numbers, or never read again.
    function test_a_market_that_governance_ended_is_ended_there_too() public {
        vm.prank(GOVERNANCE);
        first.delistMarket(2);
        MockERC20 own = tokens[1];
        IParameters open_ = next(2_400, 1_800);
        vm.expectRevert(abi.encodeWithSelector(CurrentParameters.OtherMarket.selector, 2, address(own), USD));
        move(open_);
        tokens[1] = new MockERC20("Other", "OTH", 18);
        IParameters other = next(2_400, 1_800);
        vm.expectRevert(abi.encodeWithSelector(CurrentParameters.OtherMarket.selector, 2, address(tokens[1]), USD));
        move(other);
        vm.prank(GOVERNANCE);
        open_.delistMarket(2);
        move(open_);
        isTrue(register.haircuts(2).initialBps == 10_000, "closed, by id");
        equal(register.haircuts(address(own), USD).maintenanceBps, 1_800, "and by pair, where it stood");
    }

    function test_an_ended_market_is_never_unknown_after_a_move() public {
        vm.prank(GOVERNANCE);
        first.delistMarket(4);
        IParameters.MarketListing[] memory listings = new IParameters.MarketListing[](3);
        for (uint256 i; i < 3; ++i) listings[i] = listing(address(tokens[i]), 0);
        IParameters.ClassListing[] memory classes = new IParameters.ClassListing[](1);
        classes[0] = IParameters.ClassListing(0, calm());
        IParameters fewer = deploy(accounts(), classes, listings);
        vm.expectRevert(abi.encodeWithSelector(CurrentParameters.OtherMarket.selector, 4, address(0), address(0)));
        move(fewer);
    }

    /// @dev Found by a second reader: readers by id would be closed for ever, readers by pair be nearer to liquidation.
    function test_a_market_is_not_moved_to_where_it_has_ended_and_its_pair_has_another_id() public {
        IParameters second = next(2_400, 1_800);
        parameters = second;
        vm.prank(GOVERNANCE);
        second.delistMarket(1);
        vm.expectRevert(
            abi.encodeWithSelector(CurrentParameters.OtherMarket.selector, 1, address(tokens[0]), USD)
        );
        move(second);
        IParameters.MarketListing memory again = listing(address(tokens[0]), 0);
        vm.prank(GOVERNANCE);
        second.listMarket(again);
        vm.expectRevert(
            abi.encodeWithSelector(CurrentParameters.OtherMarket.selector, 1, address(tokens[0]), USD)
        );
        move(second);
    }

    /// @dev And positions in a market that has ended would be liquidated by the move.
    function test_a_move_raises_no_maintenance_of_a_market_that_has_ended() public {
        IParameters higher = next(2_600, 1_801);
        vm.prank(GOVERNANCE);
        first.delistMarket(1);
        vm.prank(GOVERNANCE);
        higher.delistMarket(1);
        vm.expectRevert(abi.encodeWithSelector(CurrentParameters.MaintenanceRises.selector, 1, 1_801, 1_800));
        move(higher);
    }

    /// @dev Markets 1 and 2 have ended in both, with places changed: who reads by pair would read the other.
    function test_ended_markets_do_not_change_places() public {
        (tokens[0], tokens[1]) = (tokens[1], tokens[0]);
        IParameters swapped = next(2_400, 1_800);
        (tokens[0], tokens[1]) = (tokens[1], tokens[0]);
        for (uint16 id = 1; id < 3; ++id) {
            vm.prank(GOVERNANCE);
            first.delistMarket(id);
            vm.prank(GOVERNANCE);
            swapped.delistMarket(id);
        }
        vm.expectRevert(abi.encodeWithSelector(CurrentParameters.OtherMarket.selector, 1, address(tokens[1]), USD));
        move(swapped);
    }

    /// @dev A pair that was listed again is read by pair under its new id, in both.
    function test_a_pair_that_was_listed_again_moves_with_its_ids() public {
        IParameters second = next(2_400, 1_800);
        IParameters[2] memory both = [first, second];
        for (uint256 i; i < 2; ++i) {
            vm.prank(GOVERNANCE);
            both[i].delistMarket(1);
            if (i == 1) {
                vm.expectRevert(abi.encodeWithSelector(CurrentParameters.OtherMarket.selector, 1, address(tokens[0]), USD));
                move(second);
            }
            vm.prank(GOVERNANCE);
            both[i].listMarket(listing(address(tokens[0]), 0));
        }
        move(second);
        equal(register.marketOf(address(tokens[0]), USD), MARKETS + 1, "by pair: the new one");
        equal(register.haircuts(1).initialBps, 10_000, "by its old id: closed");
    }

    function test_only_its_owner_moves_it() public {
        IParameters second = next(2_400, 1_800);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, STRANGER));
        vm.prank(STRANGER);
        register.move(second);
    }

    function test_what_is_no_parameter_contract_is_refused() public {
        try new CurrentParameters(IParameters(address(tokens[0])), GOVERNANCE) {
            isTrue(false, "a token was taken for a parameter contract");
        } catch {}
    }
}

/// @dev Listed in setUp, so that the slots are cold: as many markets as there can be are moved in one transaction.
contract MoveEveryMarketTest is World {
    uint256 private constant LISTED = 240;
    CurrentParameters private register;
    IParameters private other;

    function setUp() public {
        world();
        bytes memory code = vm.getCode("CurrentParameters.sol:CurrentParameters");
        bytes memory creation = bytes.concat(code, abi.encode(parameters, GOVERNANCE));
        CurrentParameters made;
        assembly ("memory-safe") { made := create(0, add(creation, 32), mload(creation)) }
        register = made;
        IParameters.ClassListing[] memory classes = new IParameters.ClassListing[](2);
        classes[0] = IParameters.ClassListing(0, calm());
        classes[1] = IParameters.ClassListing(1, wide());
        IParameters.MarketListing[] memory listings = new IParameters.MarketListing[](MARKETS + LISTED);
        for (uint256 i; i < MARKETS; ++i) listings[i] = listing(address(tokens[i]), i == 3 ? 1 : 0);
        for (uint256 i; i < LISTED; ++i) {
            listings[MARKETS + i] = listing(address(new MockERC20("Junk", "J", 18)), 0);
            vm.prank(LISTER);
            parameters.listMarket(listings[MARKETS + i]);
        }
        other = deploy(accounts(), classes, listings);
    }

    function test_a_move_over_as_many_markets_as_there_can_be_fits_a_transaction() public {
        uint256 gas = gasleft();
        vm.prank(GOVERNANCE);
        register.move(other);
        gas -= gasleft();
        isTrue(register.current() == other, "moved");
        uint256 each = gas / (LISTED + MARKETS);
        // Memory grows with them, a little faster than their number.
        isTrue(each * 512 * 21 / 20 < 16_777_216, "512 markets");
    }
}
