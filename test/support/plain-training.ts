/** A training without anything that can be left out. */
export const plainTraining = {
  labelSmoothing: 0,
  clipping: null,
  penalty: null,
  classWeights: null,
  maxSteps: 0,
} as const;
