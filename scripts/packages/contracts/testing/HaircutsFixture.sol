// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHaircuts} from "../interfaces/IHaircuts.sol";
import {IParameters} from "../parameters/IParameters.sol";
import {A, E, get, H, M, N, put} from "../parameters/Words.sol";
import {minuteOf} from "../libraries/Units.sol";
import {parametersCode} from "./ParametersCode.sol";

/// @title The real parameter contract, deployed for a test, with this fixture as its governance and its keeper.
/// @notice Warning: for tests only, where anyone may call it. The contract's own limits hold: those of the class for majors that the
/// project ships. For what only governance may do, send as this fixture (`vm.prank`, `impersonateAccount`).
/// @dev Set the test's clock to a real date first: Solidity test runners begin in 1970, before the contract's calendar.
contract HaircutsFixture {
    IParameters public immutable parameters;

    /// @notice The US dollar as a debt asset.
    address public constant USD = address(840);
    /// @notice Age of the data after which a market is stale, and the time in which initial then rises to its cap.
    uint256 public constant TTL = 24 hours;
    uint256 public constant DECAY = 24 hours;

    error DeploymentFailed();

    constructor() {
        require(block.timestamp > 1_420_070_400, "warp to a date after 2015 first");
        IParameters.AccountSetting[] memory accounts = new IParameters.AccountSetting[](1);
        accounts[0] = _power(IParameters.Power.HOT);
        IParameters.ClassListing[] memory classes = new IParameters.ClassListing[](1);
        classes[0] = IParameters.ClassListing(0, _major());
        bytes memory arguments = abi.encode(address(this), accounts, classes, new IParameters.MarketListing[](0));
        bytes memory code = bytes.concat(parametersCode(), arguments);
        address deployed;
        assembly ("memory-safe") {
            deployed := create(0, add(code, 32), mload(code))
        }
        if (deployed == address(0)) revert DeploymentFailed();
        parameters = IParameters(deployed);
    }

    /// @notice Lists a collateral against `debt` (a token, or USD) with fresh data and a limit of a million tokens; its id.
    function list(address collateral, address debt, uint16 initialBps, uint16 maintenanceBps)
        external
        returns (uint16 marketId)
    {
        uint16 tokens = _compact(1_000_000);
        parameters.admit(_power(IParameters.Power.LISTER));
        marketId = parameters.listMarket(
            IParameters.MarketListing(collateral, debt, 0, initialBps, maintenanceBps, tokens, 1, type(uint16).max)
        );
        parameters.admit(_power(IParameters.Power.HOT));
        publish(marketId, initialBps, maintenanceBps, 1_000_000);
    }

    /// @notice Writes the three numbers of a market as a keeper does, with data of this minute: at most once a minute. Tightening
    /// holds at once; loosening within the class's budgets, and maintenance moves at its speed.
    function publish(uint16 marketId, uint16 initialBps, uint16 maintenanceTargetBps, uint256 limitTokens) public {
        (uint256 market,,,) = parameters.storedMarket(marketId);
        uint256 entry = put(put(0, N.TARGET, maintenanceTargetBps), N.INITIAL, initialBps);
        entry = put(put(entry, N.LIMIT, type(uint16).max - _compact(limitTokens)), M.QUALITY, type(uint16).max);
        entry = put(put(entry, E.GENERATION, get(market, M.GENERATION)), E.AS_OF, minuteOf(block.timestamp));
        uint256 sequence = get(parameters.storedWriter(address(this)), A.SEQUENCE) + 1;
        uint256 head = put(put(0, H.SEQUENCE, sequence), H.DEADLINE, block.timestamp);
        bytes14 bytesOfEntry = bytes14(uint112(put(entry, E.ID, marketId)));
        parameters.publishBatch(head, keccak256("test"), abi.encodePacked(bytesOfEntry));
    }

    /// @notice Opens, closes to new risk or freezes a market, as governance.
    function setMode(uint16 marketId, IHaircuts.Mode mode) external {
        parameters.setMode(marketId, mode);
    }

    function _power(IParameters.Power power) private view returns (IParameters.AccountSetting memory) {
        return IParameters.AccountSetting(address(this), power, type(uint24).max, 0);
    }

    /// @dev An exposure limit as the contract stores it, rounded down: six bits of exponent above ten of mantissa.
    function _compact(uint256 tokens) private pure returns (uint16) {
        uint256 exponent;
        while (tokens >> exponent > 2_047) ++exponent;
        return uint16(tokens < 1_024 ? tokens : (exponent + 1) << 10 | tokens >> exponent & 0x3ff);
    }

    function _major() private pure returns (IParameters.Limits memory limits) {
        (limits.minInitialBps, limits.maxInitialBps) = (1_000, 5_000);
        (limits.minMaintenanceBps, limits.maxMaintenanceBps) = (700, 4_500);
        (limits.minGapBps, limits.liquidationBonusBps) = (300, 500);
        (limits.tightenSpeedBpsPer30Days, limits.loosenSpeedBpsPer30Days) = (300, 3_000);
        (limits.ttlHours, limits.decayHours) = (TTL / 1 hours, DECAY / 1 hours);
        (limits.staleInitialCapBps, limits.maxAgeMinutes) = (9_500, 360);
        (limits.hotStepBps, limits.quorumStepBps) = (200, 400);
        (limits.hotBudgetBps, limits.quorumBudgetBps) = (50, 100);
        (limits.hotRaiseStep, limits.quorumRaiseStep) = (72, 140);
        (limits.hotRaiseBudget, limits.quorumRaiseBudget) = (72, 140);
    }
}
