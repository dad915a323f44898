// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IHaircuts} from "../interfaces/IHaircuts.sol";
import {IParameters} from "../parameters/IParameters.sol";

/// @title One address that outlives a deployment: consumers that cannot change the address they read hold this one.
/// @notice Every read is that of the present parameter contract; markets keep their ids. Governance moves it to the next
/// deployment, and only to one in which no position is nearer to liquidation than before.
/// @dev *Safety*: the present contract, and its governance, which should be the owner here (a timelock). Costs a reader about
/// 3 000 gas cold. Writes go to the contract itself.
contract CurrentParameters is IHaircuts, Ownable2Step {
    /// @notice What is read.
    IParameters public current;

    event Moved(IParameters from, IParameters to);

    /// @dev The next deployment has another pair at this id, or has ended it.
    error OtherMarket(uint16 marketId, address collateral, address debt);
    /// @dev The move would raise maintenance at once: let the next deployment come down to it first.
    error MaintenanceRises(uint16 marketId, uint256 given, uint256 allowed);

    /// @param owner a timelock
    constructor(IParameters first, address owner) Ownable(owner) {
        first.marketCount();
        current = first;
        emit Moved(IParameters(address(0)), first);
    }

    /// @notice Reads `next` from now on. Governance. Reverts unless every market that is still listed is listed there under
    /// its id, and maintenance of every id and pair is no higher.
    /// @dev Looks at each market, ended ones included: as many as a deployment can have always fit a transaction.
    function move(IParameters next) external onlyOwner {
        IParameters present = current;
        uint256 count = present.marketCount();
        for (uint256 i = 1; i <= count; ++i) {
            uint16 id = uint16(i);
            (uint256 word, address collateral, address debt,) = present.storedMarket(id);
            (, Haircuts memory byId) = next.tryHaircuts(id);
            _requireNoHigher(id, byId, present.haircuts(id));
            // The five bits of the generation, 0 for a market that governance has ended (M.GENERATION in Words.sol).
            if (word >> 251 != 0) {
                (uint256 there, address nextCollateral, address nextDebt,) = next.storedMarket(id);
                bool same = next.marketOf(collateral, debt) == id && there >> 251 != 0;
                if (!same) revert OtherMarket(id, nextCollateral, nextDebt);
                // Here and there its pair reads the same market.
                continue;
            }
            // Of a market that has ended the pair may be another's: there may be positions in it, and who reads it by its pair.
            (, Haircuts memory byPair) = next.tryHaircuts(collateral, debt);
            _requireNoHigher(id, byPair, present.haircuts(collateral, debt));
        }
        current = next;
        emit Moved(present, next);
    }

    function _requireNoHigher(uint16 id, Haircuts memory next, Haircuts memory present) private pure {
        if (next.maintenanceBps > present.maintenanceBps) {
            revert MaintenanceRises(id, next.maintenanceBps, present.maintenanceBps);
        }
    }

    /// @inheritdoc IHaircuts
    function haircuts(uint16 marketId) external view returns (Haircuts memory) {
        return current.haircuts(marketId);
    }

    /// @inheritdoc IHaircuts
    function haircuts(address collateral, address debt) external view returns (Haircuts memory) {
        return current.haircuts(collateral, debt);
    }

    /// @inheritdoc IHaircuts
    function haircutsMany(uint16[] calldata marketIds) external view returns (Haircuts[] memory) {
        return current.haircutsMany(marketIds);
    }

    /// @inheritdoc IHaircuts
    function tryHaircuts(uint16 marketId) external view returns (bool, Haircuts memory) {
        return current.tryHaircuts(marketId);
    }

    /// @inheritdoc IHaircuts
    function tryHaircuts(address collateral, address debt) external view returns (bool, Haircuts memory) {
        return current.tryHaircuts(collateral, debt);
    }

    /// @inheritdoc IHaircuts
    function marketOf(address collateral, address debt) external view returns (uint16) {
        return current.marketOf(collateral, debt);
    }

    /// @inheritdoc IHaircuts
    function exposureLimit(uint16 marketId) external view returns (uint256 tokens, bool mayGrow) {
        return current.exposureLimit(marketId);
    }
}
