/** A text of at most so many characters, with an ellipsis in place of what was cut; no character is torn in two. */
export function cutText(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const characters = [...text];
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join('')}…`;
}
