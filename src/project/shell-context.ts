/** In what kind of quotes a place of a shell command lies. */
export type ShellQuotes = 'none' | 'single' | 'double' | 'backtick';

/**
 * Follows the quotes of a POSIX shell command (IEEE Std 1003.1, 2.2 Quoting), so that a value can be made safe for
 * the place it is put in: `"{name}"` needs another escape than `{name}`.
 */
export class ShellContext {
  /** One entry for the command and for each `$(` that is open: its quotes, and its own open parentheses. */
  readonly #levels: { quotes: ShellQuotes; parentheses: number }[] = [{ quotes: 'none', parentheses: 0 }];
  #escaped = false;
  #afterDollar = false;

  get quotes(): ShellQuotes {
    return this.#levels.at(-1)!.quotes;
  }

  /** Goes on over literal text of the command. */
  read(text: string): void {
    for (const character of text) this.#readCharacter(character);
  }

  #readCharacter(character: string): void {
    const level = this.#levels.at(-1)!;
    const afterDollar = this.#afterDollar;
    this.#afterDollar = false;
    if (this.#escaped) {
      this.#escaped = false;
    } else if (level.quotes === 'single') {
      if (character === "'") level.quotes = 'none';
    } else if (character === '\\') {
      this.#escaped = true;
    } else if (level.quotes === 'backtick') {
      if (character === '`') this.#levels.pop();
    } else if (character === '`') {
      this.#levels.push({ quotes: 'backtick', parentheses: 0 });
    } else if (character === '(' && afterDollar) {
      this.#levels.push({ quotes: 'none', parentheses: 0 });
    } else if (character === '"') {
      level.quotes = level.quotes === 'double' ? 'none' : 'double';
    } else if (character === '$') {
      this.#afterDollar = true;
    } else if (level.quotes === 'none') {
      this.#readUnquoted(character, level);
    }
  }

  #readUnquoted(character: string, level: { quotes: ShellQuotes; parentheses: number }): void {
    if (character === "'") level.quotes = 'single';
    else if (character === '(') level.parentheses += 1;
    else if (character === ')' && level.parentheses > 0) level.parentheses -= 1;
    else if (character === ')' && this.#levels.length > 1) this.#levels.pop();
  }
}
