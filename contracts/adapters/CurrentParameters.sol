// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IHaircuts} from "../interfaces/IHaircuts.sol";
import {IParameters} from "../parameters/IParameters.sol";

/// @title One address that outlives a deployment: consumers that cannot change the address they read hold this one.
/// @notice Every read is that of the present parameter contract; markets keep their ids. Governance moves it to the next
/// deployment, and only to one in which no position is nearer to liquidation than before and nothing that has ended lends.
/// @dev *Safety*: the present contract, and its governance, which should be the owner here (a timelock). Costs a reader about
/// 3 000 gas cold. Writes go to the contract itself.
contract CurrentParameters is IHaircuts, Ownable2Step {
    /// @notice What is read.
    IParameters public current;

    event Moved(IParameters from, IParameters to);

    /// @dev The next deployment has another pair at this id, or it has ended in one of the two only.
    error OtherMarket(uint16 marketId, address collateral, address debt);
    /// @dev The move would raise maintenance at once: let the next deployment come down to it first.
    error MaintenanceRises(uint16 marketId, uint256 given, uint256 allowed);

    /// @param owner a timelock
    constructor(IParameters first, address owner) Ownable(owner) {
        first.marketCount();
        current = first;
        emit Moved(IParameters(address(0)), first);
    }

    /// @notice Reads `next` from now on. Governance. Reverts unless every id and pair names the same market there, has ended there
    /// where it has ended here and nowhere else, and maintenance of none is higher.
    /// @dev Looks at each market: as many as a deployment can have always fit a transaction.
    function move(IParameters next) external onlyOwner {
        IParameters present = current;
        uint256 count = present.marketCount();
        for (uint256 i = 1; i <= count; ++i) {
            uint16 id = uint16(i);
            (uint256 here, address collateral, address debt,) = present.storedMarket(id);
            (uint256 there, address nextCollateral, address nextDebt,) = next.storedMarket(id);
            // The five bits of the generation, 0 for a market that governance has ended (M.GENERATION in Words.sol).
            bool ended = here >> 251 == 0;
            // The pair of one that has ended may have another id by now.
            uint16 idOfPair = ended ? present.marketOf(collateral, debt) : id;
            bool same = there != 0 && ended == (there >> 251 == 0) && next.marketOf(collateral, debt) == idOfPair;
            if (!same) revert OtherMarket(id, nextCollateral, nextDebt);
            (uint256 given, uint256 allowed) = (next.haircuts(id).maintenanceBps, present.haircuts(id).maintenanceBps);
            if (given > allowed) revert MaintenanceRises(id, given, allowed);
        }
        current = next;
        emit Moved(present, next);
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
