/** A text, such as another program's message, with the full stop that it may lack: another sentence can follow it. */
export function asSentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** A sentence without its full stop, as a part of another one. */
export function withoutStop(sentence: string): string {
  return sentence.trim().replace(/\.$/, '');
}
