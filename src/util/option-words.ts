/** An option and its value as words of a command line; a value that begins like an option is bound to its own. */
export function optionWords(option: string, value: string): string[] {
  return value.startsWith('-') ? [`--${option}=${value}`] : [`--${option}`, value];
}
