/** Facts of resources that other contexts read. Stored for ever: add optional fields or new types only. */
export type OwnerKind = 'INSTANCE' | 'JOB' | 'DEPLOYMENT';

/**
 * One device given to one owner, from `from` to `to` (ISO times by the database's clock). The single source for
 * metering, quota usage and metric joins. `basisPoints` of the device: 10,000 is the whole.
 */
export type AllocationEvent =
  | {
      type: 'AllocationOpened';
      data: {
        id: string;
        owner: { kind: OwnerKind; id: string };
        projectId: string;
        gpuId: string;
        gpuModelId: string;
        nodeId: string;
        basisPoints: number;
        from: string;
      };
    }
  | { type: 'AllocationClosed'; data: { id: string; to: string } };
