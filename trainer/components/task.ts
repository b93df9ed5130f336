/**
 * What a network is for: `classification` tells classes apart and learns from labels, `reconstruction` gives back what it
 * got and learns from the images alone.
 */
export type TaskName = 'classification' | 'reconstruction';
