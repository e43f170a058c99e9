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
        /** False: the amount is for a whole run, which ends at `until` at the latest. Left out: it is renewed each hour. */
        renews?: boolean;
      };
    }
  | { type: 'HoldRenewed'; data: { id: string; amount: string; until: string } }
  /** Nobody is stopped. `budgetId`: the budget that has too little left. */
  | { type: 'HoldRenewalRefused'; data: { id: string; need: string; free: string; budgetId?: string } }
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
      data: {
        id: string;
        period: string;
        percent: number;
        action: 'WARN' | 'BLOCK_NEW';
        spent: string;
        held: string;
      };
    };

export type BillingEvent = PriceBookEvent | HoldEvent | BudgetEvent;
