/**
 * What native libraries write to stderr at every start, whatever their variables say, and that tells nobody anything.
 * It is not shown; `logs/stderr.log`, the artifact of that name and the JSON look keep it.
 */
const chatter: readonly RegExp[] = [
  // TensorFlow 2.x, abseil: written before its log level is read, so that TF_CPP_MIN_LOG_LEVEL comes too late.
  /^WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR$/,
  // TensorFlow 2.x on x86-64: that oneDNN is in use, which is its default. What stands before it varies with the version.
  /^\S.* (?:\S*\/)?port\.cc:\d+\] oneDNN custom operations are on\. /,
];

/** Whether a line of stderr is such chatter of a native library. */
export function isNativeChatter(line: string): boolean {
  return chatter.some((pattern) => pattern.test(line));
}
