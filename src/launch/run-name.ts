const adjectives = [
  'amber',
  'brisk',
  'calm',
  'clear',
  'deep',
  'eager',
  'fair',
  'fleet',
  'golden',
  'keen',
  'lively',
  'mild',
  'noble',
  'quick',
  'quiet',
  'rapid',
  'silver',
  'steady',
  'swift',
  'warm',
] as const;
const nouns = [
  'albatross',
  'barge',
  'clipper',
  'cormorant',
  'cutter',
  'dolphin',
  'gannet',
  'heron',
  'keel',
  'lighthouse',
  'osprey',
  'petrel',
  'pilot',
  'plover',
  'puffin',
  'schooner',
  'sextant',
  'sloop',
  'tern',
  'whale',
] as const;

/** A name a person can say, for a run that was given none: `swift-heron-417`. `random` gives numbers in [0, 1). */
export function drawRunName(random: () => number = Math.random): string {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  return `${pick(adjectives)}-${pick(nouns)}-${Math.floor(random() * 900) + 100}`;
}
