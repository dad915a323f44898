// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {CollateralParameters} from "../../../contracts/CollateralParameters.sol";
import {ICollateralParameters as Params} from "../../../contracts/interfaces/ICollateralParameters.sol";
import {Effective} from "../../../contracts/libraries/Effective.sol";
import {MockERC20} from "../../../contracts/mocks/MockERC20.sol";
import {Assertions} from "./Assertions.sol";
import {vm} from "./Vm.sol";

/// @dev A calm world: ten markets at initial 22 % and maintenance 18 %, fresh data, full budgets, nobody attacking.
/// Each test changes one thing.
abstract contract World is Assertions {
    address internal constant USD = address(840);
    address internal constant GOVERNANCE = address(0x60F);
    address internal constant KEEPER = address(0xCEE9);
    address internal constant GUARDIAN = address(0x6A8D);
    address internal constant STRANGER = address(0x57A6);
    uint256 internal constant START = 1_770_000_000;
    uint16 internal constant MARKETS = 10;

    CollateralParameters internal parameters;
    MockERC20[] internal tokens;
    /// @dev The clock of the test. `block.timestamp` is not read after a warp: the optimizer may reuse an old one.
    uint256 internal clock;

    function world() internal {
        clock = START;
        vm.warp(clock);
        Params.MarketListing[] memory listings = new Params.MarketListing[](MARKETS);
        for (uint256 i; i < MARKETS; ++i) {
            tokens.push(new MockERC20("Wrapped Ether", "WETH", 18));
            listings[i] = calmListing(address(tokens[i]));
        }
        parameters = deploy(GOVERNANCE, KEEPER, GUARDIAN, listings);
        // Data ten seconds old, written now: the next update of any market may be as of now.
        for (uint16 id = 1; id <= MARKETS; ++id) {
            Params.MarketUpdate memory first = restate(id);
            first.asOf = uint40(clock - 10);
            send(first);
        }
    }

    /// @dev Deploys the compiled artifact. `new` would put the whole contract into each test contract, and the compiler
    /// would optimize it again for each of them.
    function deploy(address governance, address keeper, address guardian, Params.MarketListing[] memory listings)
        internal
        returns (CollateralParameters deployed)
    {
        bytes memory code = vm.getCode("CollateralParameters.sol:CollateralParameters");
        bytes memory creation = bytes.concat(code, abi.encode(governance, keeper, guardian, listings));
        assembly ("memory-safe") {
            deployed := create(0, add(creation, 32), mload(creation))
            if iszero(deployed) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
    }

    function calmLimits() internal pure returns (Params.Limits memory) {
        return Params.Limits({
            minInitialBps: 1_000,
            maxInitialBps: 9_000,
            minMaintenanceBps: 300,
            maxMaintenanceBps: 8_500,
            minGapBps: 200,
            liquidationBonusBps: 500,
            maxLooseningStepBps: 80,
            looseningBudgetBpsPerDay: 200,
            tightenSpeedBpsPerDay: 150,
            loosenSpeedBpsPerDay: 50,
            staleInitialCapBps: 10_000,
            ttlSeconds: 6 hours,
            decaySeconds: 1 days,
            maxAgeSeconds: 1 hours
        });
    }

    function calmListing(address collateral) internal pure returns (Params.MarketListing memory) {
        return Params.MarketListing(collateral, USD, 2_200, 1_800, calmLimits());
    }

    /// @dev Lets time go by.
    function pass(uint256 duration) internal {
        clock += duration;
        vm.warp(clock);
    }

    /// @dev Lets time go by with a keeper that restates market 1 each hour.
    function passAlive(uint256 duration) internal {
        for (uint256 end = clock + duration; clock < end;) {
            pass(end - clock < 1 hours ? end - clock : 1 hours);
            send(restate(1));
        }
    }

    /// @dev An update that changes nothing but asOf.
    function restate(uint16 id) internal view returns (Params.MarketUpdate memory) {
        Params.MarketState memory stored = parameters.marketState(id);
        return Params.MarketUpdate(id, stored.initialBps, stored.maintenanceTargetBps, 9_500, 7, uint40(clock));
    }

    function change(uint16 id, uint16 initial, uint16 target) internal view returns (Params.MarketUpdate memory next) {
        next = restate(id);
        next.initialBps = initial;
        next.maintenanceTargetBps = target;
    }

    function batchOf(Params.MarketUpdate memory only) internal view returns (Params.Batch memory batch) {
        batch.sequence = parameters.sequence() + 1;
        batch.deadline = uint40(clock + 60);
        batch.modelVersion = 1;
        batch.evidence = keccak256("evidence");
        batch.updates = new Params.MarketUpdate[](1);
        batch.updates[0] = only;
    }

    function batchOf(Params.MarketUpdate memory first, Params.MarketUpdate memory second)
        internal
        view
        returns (Params.Batch memory batch)
    {
        batch = batchOf(first);
        batch.updates = new Params.MarketUpdate[](2);
        (batch.updates[0], batch.updates[1]) = (first, second);
    }

    function send(Params.Batch memory batch) internal {
        vm.prank(KEEPER);
        parameters.update(batch);
    }

    function send(Params.MarketUpdate memory only) internal {
        send(batchOf(only));
    }

    function setLimits(uint16 id, Params.Limits memory limits) internal {
        vm.prank(GOVERNANCE);
        parameters.setLimits(id, limits);
    }

    function setMode(uint16 id, Params.Mode mode) internal {
        vm.prank(GOVERNANCE);
        parameters.setMode(id, mode);
    }

    function initialOf(uint16 id) internal view returns (uint256) {
        return parameters.haircuts(id).initialBps;
    }

    function maintenanceOf(uint16 id) internal view returns (uint256) {
        return parameters.haircuts(id).maintenanceBps;
    }

    /// @dev Effective maintenance before rounding.
    function nanoOf(uint16 id) internal view returns (uint256) {
        return Effective.maintenanceNanoBpsAt(parameters.marketState(id), parameters.limitsOf(id), clock);
    }

    /// @dev Everything stored for a market, to see that nothing moved, bit for bit.
    function print(uint16 id) internal view returns (bytes32) {
        return keccak256(abi.encode(parameters.marketState(id), parameters.limitsOf(id)));
    }

    /// @dev Asserts that market `next.marketId` would be skipped for this reason, that in a batch with a good
    /// neighbour (market 10) it *is* skipped with these figures, untouched, and that the neighbour lands.
    function skips(Params.MarketUpdate memory next, Params.SkipReason reason, uint256 given, uint256 allowed) internal {
        (Params.SkipReason seen, uint256 seenGiven, uint256 seenAllowed) = parameters.previewUpdate(next);
        equal(uint256(seen), uint256(reason), "the preview names the reason");
        equal(seenGiven, given, "the preview names the value given");
        equal(seenAllowed, allowed, "the preview names the nearest value allowed");
        bytes32 untouched = next.marketId > 0 && next.marketId <= MARKETS ? print(next.marketId) : bytes32(0);
        Params.MarketUpdate memory good = restate(10);
        Params.Batch memory batch = batchOf(next, good);
        vm.expectEmit(true, true, false, true, address(parameters));
        emit Params.MarketSkipped(next.marketId, batch.sequence, reason, given, allowed);
        send(batch);
        if (untouched != 0) isTrue(print(next.marketId) == untouched, "a skipped market is left bit for bit as it was");
        equal(parameters.marketState(10).asOf, good.asOf, "a skipped market does not stop its neighbour");
    }

    /// @dev Asserts that an update may be applied.
    function passes(Params.MarketUpdate memory next) internal view {
        (Params.SkipReason seen,,) = parameters.previewUpdate(next);
        equal(uint256(seen), uint256(Params.SkipReason.NONE), "the update is legal");
    }
}
