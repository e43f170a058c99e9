/** A legal way to cut one slice out of a GPU. The same name means different things on different models. */
export type MigProfile = {
  /** As NVIDIA names it, for example `3g.40gb`; `+me` has the media engines. */
  readonly name: string;
  readonly computeSlices: number;
  readonly memorySlices: number;
  readonly memoryMiB: number;
  /** How many of it fit on one device that has nothing else. */
  readonly max: number;
  /** The memory slices at which it may start. Slices of one device must not overlap. */
  readonly starts: readonly number[];
};

type Shape = Omit<MigProfile, 'memoryMiB'>;

const gigabytes = (shape: Shape, memoryGb: number): MigProfile => ({ ...shape, memoryMiB: memoryGb * 1024 });

/** Parts with seven compute and eight memory slices. The sizes are those of the profiles' names, in GB. */
function sevenSlices(sizes: {
  one: number;
  double: number;
  two: number;
  three: number;
  four: number;
  seven: number;
}): readonly MigProfile[] {
  const { one, double, two, three, four, seven } = sizes;
  const anywhere = [0, 1, 2, 3, 4, 5, 6];
  const ofOne = { computeSlices: 1, memorySlices: 1, starts: anywhere };
  return [
    gigabytes({ name: `1g.${one}gb`, ...ofOne, max: 7 }, one),
    gigabytes({ name: `1g.${one}gb+me`, ...ofOne, max: 1 }, one),
    gigabytes(
      { name: `1g.${double}gb`, computeSlices: 1, memorySlices: 2, max: 4, starts: [0, 2, 4, 6] },
      double,
    ),
    gigabytes({ name: `2g.${two}gb`, computeSlices: 2, memorySlices: 2, max: 3, starts: [0, 2, 4] }, two),
    gigabytes({ name: `3g.${three}gb`, computeSlices: 3, memorySlices: 4, max: 2, starts: [0, 4] }, three),
    gigabytes({ name: `4g.${four}gb`, computeSlices: 4, memorySlices: 4, max: 1, starts: [0] }, four),
    gigabytes({ name: `7g.${seven}gb`, computeSlices: 7, memorySlices: 8, max: 1, starts: [0] }, seven),
  ];
}

/** Parts with four compute and four memory slices. */
function fourSlices(one: number, two: number, four: number): readonly MigProfile[] {
  return [
    gigabytes({ name: `1g.${one}gb`, computeSlices: 1, memorySlices: 1, max: 4, starts: [0, 1, 2, 3] }, one),
    gigabytes({ name: `2g.${two}gb`, computeSlices: 2, memorySlices: 2, max: 2, starts: [0, 2] }, two),
    gigabytes({ name: `4g.${four}gb`, computeSlices: 4, memorySlices: 4, max: 1, starts: [0] }, four),
  ];
}

/** By the memory of the part, as NVIDIA's MIG user guide lists them. */
export const mig = {
  a30: fourSlices(6, 12, 24),
  rtxPro6000: fourSlices(24, 48, 96),
  of40: sevenSlices({ one: 5, double: 10, two: 10, three: 20, four: 20, seven: 40 }),
  of80: sevenSlices({ one: 10, double: 20, two: 20, three: 40, four: 40, seven: 80 }),
  of94: sevenSlices({ one: 12, double: 24, two: 24, three: 47, four: 47, seven: 94 }),
  of96: sevenSlices({ one: 12, double: 24, two: 24, three: 48, four: 48, seven: 96 }),
  of141: sevenSlices({ one: 18, double: 35, two: 35, three: 71, four: 71, seven: 141 }),
  of144: sevenSlices({ one: 18, double: 36, two: 36, three: 72, four: 72, seven: 144 }),
  of180: sevenSlices({ one: 23, double: 45, two: 45, three: 90, four: 90, seven: 180 }),
  of186: sevenSlices({ one: 23, double: 47, two: 47, three: 93, four: 93, seven: 186 }),
  b300: sevenSlices({ one: 34, double: 67, two: 67, three: 135, four: 135, seven: 269 }),
  gb300: sevenSlices({ one: 35, double: 70, two: 70, three: 139, four: 139, seven: 278 }),
} as const;
