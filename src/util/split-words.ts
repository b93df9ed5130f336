/**
 * Splits text into words at white space; single and double quotes keep white space in a word, and a backslash keeps
 * the next character, as in a shell. Nothing else is special. Throws RangeError where a quote is not closed.
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] as string;
    if (character === '\\' && quote !== "'" && index + 1 < text.length) {
      index += 1;
      word = (word ?? '') + text[index];
    } else if (quote !== '') {
      if (character === quote) quote = '';
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== '') throw new RangeError(`a ${quote} is not closed`);
  if (word !== null) words.push(word);
  return words;
}
