// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AaveV3Agent} from "../../../contracts/adapters/AaveV3Agent.sol";
import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {IAavePoolAddressesProvider} from "../../../contracts/interfaces/adapters/IAaveV3.sol";
import {MockAaveMarket} from "../../mocks/MockAaveMarket.sol";
import {AaveAgentTest} from "./AaveAgentTest.sol";
import {AaveWord} from "./AaveWord.sol";

contract AaveV3AgentFuzzTest is AaveAgentTest {
    /// @dev Anything may happen to haircuts and reserve between any two calls, in the same block or later.
    function test_fuzz_no_loan_opened_in_a_block_is_liquidatable_in_it(uint256 seed, bool keepsPending) public {
        start(keepsPending);
        uint256 step = bound(seed >> 8, 1, 240);
        agent = deploy(AaveV3Agent.Settings(uint16(step), 1 hours, uint16(bound(seed >> 24, step + 1, 900)), 6 hours));
        uint256 startThreshold = bound(seed >> 160, 5_000, 9_500);
        market.put(address(weth), bound(seed >> 180, 1, startThreshold), startThreshold, 10_500);
        uint256 synced;
        uint256 highestLtv = ltv();
        uint256 blockThreshold = threshold();
        for (uint256 i; i < 40; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            if (seed % 3 == 0) {
                pass(bound(seed >> 128, 1, 3 hours));
                (highestLtv, blockThreshold) = (ltv(), threshold());
            }
            uint256 asOf = clock - bound(seed >> 96, 0, 8 hours);
            IHaircuts.Mode mode = IHaircuts.Mode(seed >> 32 & 7 < 6 ? 0 : (seed >> 32 & 7) - 5);
            uint256 initial = mode == IHaircuts.Mode.NORMAL ? bound(seed >> 40, 0, 10_000) : 10_000;
            set(initial, bound(seed >> 64, 0, initial), asOf, mode);
            if (seed >> 200 & 15 == 0) market.setReserveFreeze(address(weth), !isFrozen());
            if (ltv() > highestLtv) highestLtv = ltv();
            uint256 before = threshold();
            try agent.sync(address(weth)) {
                ++synced;
                uint256 moved = before > threshold() ? before - threshold() : threshold() - before;
                atMost(moved, step, "LT moves at most one step in a call");
                isTrue(ltv() <= threshold(), "ltv <= LT");
                isTrue(threshold() * 10_500 <= 1e8, "LT x bonus <= 100 %");
                isTrue(asOf + 6 hours >= clock || moved == 0, "old data move no threshold");
                isTrue(mode != IHaircuts.Mode.FROZEN || moved == 0, "a frozen market moves no threshold");
                isTrue(mode == IHaircuts.Mode.NORMAL || ltv() == 0, "a closed market lends nothing");
                atMost(ltv(), 10_000 - initial, "LTV is never above 1 - initial");
                isTrue(!agent.sync(address(weth)), "a second call in the block changes nothing");
            } catch {}
            if (ltv() > highestLtv) highestLtv = ltv();
            uint256 now_ = threshold();
            atMost(now_ > blockThreshold ? now_ - blockThreshold : blockThreshold - now_, step, "one step in a block");
            isTrue(now_ >= highestLtv, "LT is never below an LTV that applied in this block");
        }
        isTrue(synced > 0, "the agent was at work");
    }

    function isFrozen() private view returns (bool) {
        return AaveWord.isFrozen(market.getConfiguration(address(weth)));
    }

    function test_fuzz_a_higher_haircut_never_sets_a_looser_reserve(uint16 a, uint16 b, uint16 c, uint16 d) public {
        (uint256 lowInitial, uint256 highInitial) = sorted(bound(a, 0, 10_000), bound(b, 0, 10_000));
        (uint256 lowMaintenance, uint256 highMaintenance) = sorted(bound(c, 0, 10_000), bound(d, 0, 10_000));
        set(lowInitial, lowMaintenance);
        (uint256 moreLtv, uint256 moreThreshold,) = agent.preview(address(weth));
        set(highInitial, highMaintenance);
        (uint256 lessLtv, uint256 lessThreshold,) = agent.preview(address(weth));
        isTrue(lessLtv <= moreLtv && lessThreshold <= moreThreshold, "both fall with the haircuts");
        atMost(moreLtv, 10_000 - lowInitial, "LTV is never above 1 - initial");
    }

    function sorted(uint256 a, uint256 b) private pure returns (uint256, uint256) {
        return a < b ? (a, b) : (b, a);
    }
}
