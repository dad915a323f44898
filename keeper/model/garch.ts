import { requireAmount, requireRange } from "./numerics/requireRange.ts";

/** GARCH(1,1): `variance' = omega + alpha u^2 + beta variance`, alpha + beta < 1. */
type GarchParameters = { readonly omega: number; readonly alpha: number; readonly beta: number };

/**
 * Next variance of GARCH(1,1), in the unit of the inputs. Not used by the pipeline: it is a reference that validation
 * compares forecasts with. Source: Bollerslev (1986); Hull, Options, Futures, and Other Derivatives, 23.3.
 * @example Math.sqrt(garchVariance(hull, 0.016 ** 2, 0.01 ** 2)) // 0.015335
 */
export function garchVariance(parameters: GarchParameters, variance: number, squaredReturn: number): number {
  const { omega, alpha, beta } = checked(parameters);
  return omega + alpha * requireAmount("squaredReturn", squaredReturn) + beta * requireAmount("variance", variance);
}

/** Long-run variance `omega / (1 - alpha - beta)`. @example Math.sqrt(garchLongRun(hull)) // 0.014142 */
export function garchLongRun(parameters: GarchParameters): number {
  const { omega, alpha, beta } = checked(parameters);
  return omega / (1 - alpha - beta);
}

function checked(parameters: GarchParameters): GarchParameters {
  requireAmount("omega", parameters.omega);
  requireAmount("alpha", parameters.alpha);
  requireAmount("beta", parameters.beta);
  requireRange("alpha + beta", parameters.alpha + parameters.beta, 0, 1, { openHigh: true });
  return parameters;
}
