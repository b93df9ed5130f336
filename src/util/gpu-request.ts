/** What GPUs may be asked for with, in words. */
export const gpuRequestForms = 'all, a number of GPUs, or device=0,1';

/** Whether GPUs can be asked for like this, as with `docker run --gpus`; `none` is no such request. */
export function isGpuRequest(value: string): boolean {
  return /^(?:all|[1-9]\d*|"?device=[\w,:-]+"?)$/.test(value);
}
