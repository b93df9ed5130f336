const longestLine = 70;

/** What package managers write, as a person would say it; the first that fits. */
const sayings: readonly (readonly [pattern: RegExp, saying: string])[] = [
  // apt and dpkg: versions, architectures and files of a package are of no use while it is installed.
  [/^(Setting up|Unpacking|Processing triggers for) (\S+?)(?::\S+)? \(.*$/, '$1 $2'],
  [/^Get:\d+ \S+ \S+ \S+ (\S+) \S+ \S+ (\[.*\])$/, 'Downloading $1 $2'],
  [/^Selecting previously unselected package (\S+?)(?::\S+)?\.$/, 'Selecting $1'],
  [/^Preparing to unpack .*\/([^/_]+)_\S+\.deb \.\.\.$/, 'Unpacking $1'],
  [/^\(Reading database .*$/, 'Reading the package database'],
  // pip: one line names all that a whole environment consists of.
  [/^Requirement already satisfied: (\S+).*$/, '$1 is there already'],
];

/** A line that a build or an installer wrote, short enough to stand beside a title. */
export function tidyLine(line: string): string {
  const text = line.replace(/\s+/g, ' ').trim();
  const installed = /^Successfully installed (.*)$/.exec(text)?.[1]?.split(' ').length;
  if (installed !== undefined) return `Installed ${installed === 1 ? 'a package' : `${installed} packages`}`;
  const known = sayings.find(([pattern]) => pattern.test(text));
  const said = (known === undefined ? text : text.replace(known[0], known[1])).replace(/ ?\.\.\.$/, '');
  return said.length <= longestLine ? said : `${said.slice(0, longestLine - 1).trimEnd()}…`;
}

/** Tells a line of an installer both ways: tidied for someone who waits, whole for someone who reads all. */
export function tellTidied(tell: (text: string, line: string) => void): (line: string) => void {
  return (line) => {
    if (line.trim() !== '') tell(tidyLine(line), line);
  };
}
