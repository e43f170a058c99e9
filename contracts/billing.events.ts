/** Facts of billing that other contexts read. Amounts are decimal text. Stored for ever. */
export type PriceBookEvent =
  | {
      type: 'PriceBookCreated';
      data: {
        id: string;
        /** The name that estimates and costs quote, for example `example-2026-11`. */
        version: string;
        currency: string;
        effectiveFrom: string;
        source: string;
        isExample: boolean;
        rates: { gpuModelId: string; perHour: string }[];
      };
    }
  /**
   * From `inForceFrom` on, until a later book's, these prices count: the later of the activation and the book's
   * `effectiveFrom`, so that what was used before never changes its price.
   */
  | { type: 'PriceBookActivated'; data: { id: string; inForceFrom: string } };

export type HoldEvent =
  | {
      type: 'HoldPlaced';
      data: {
        id: string;
        ownerId: string;
        projectId: string;
        amount: string;
        currency: string;
        until: string;
      };
    }
  | { type: 'HoldRenewed'; data: { id: string; amount: string; until: string } }
  | { type: 'HoldRenewalRefused'; data: { id: string; need: string; free: string } }
  /** What was held became spending, or is no longer needed. */
  | { type: 'HoldReleased'; data: { id: string; reason: string } };

export type BudgetPeriod = 'MONTH' | 'QUARTER' | 'YEAR';

export type BudgetEvent =
  | {
      type: 'BudgetCreated';
      data: {
        id: string;
        projectId: string;
        period: BudgetPeriod;
        amount: string;
        currency: string;
        thresholds: { percent: number; action: 'WARN' | 'BLOCK_NEW' }[];
      };
    }
  | { type: 'BudgetAmountChanged'; data: { id: string; amount: string } }
  /** Once per period and threshold. `period` names it: `2026-11`, `2026-Q4` or `2026`. */
  | {
      type: 'BudgetThresholdCrossed';
      data: { id: string; period: string; percent: number; action: string; spent: string; held: string };
    };

export type BillingEvent = PriceBookEvent | HoldEvent | BudgetEvent;
