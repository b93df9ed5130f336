/** The text with the commands of it that begin with `slipway` as they must be typed here: those in backticks. */
export function withProgramName(text: string, program: string): string {
  return program === 'slipway' ? text : text.replaceAll('`slipway ', `\`${program} `);
}
