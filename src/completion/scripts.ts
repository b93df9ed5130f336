/** The shells that can be completed in. */
export const shells = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof shells)[number];

/** The first word by which a script asks for candidates; followed by the words of the command line, the last one unfinished. */
export const completeWord = '__complete';

/**
 * What a shell reads to complete the words of `slipway`, by whatever path it is called: the script asks the very program
 * that stands on the command line, one line a candidate, its description behind a tab. Where there is none, files are
 * completed. The forms are those of the manuals: bash(1), Programmable Completion; zshcompsys(1); complete(1) of fish.
 */
export const scripts: Readonly<Record<Shell, string>> = {
  bash: `_slipway() {
  local IFS=$'\\n'
  COMPREPLY=($("\${COMP_WORDS[0]}" ${completeWord} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f 1))
}
complete -o bashdefault -o default -F _slipway slipway
`,
  zsh: `#compdef slipway
_slipway() {
  local -a candidates
  candidates=("\${(@f)$("\${words[1]}" ${completeWord} "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  candidates=("\${(@)candidates:#}")
  if (( \${#candidates} == 0 )); then
    _files
  else
    candidates=("\${(@)candidates//:/\\\\:}")
    candidates=("\${(@)candidates/$'\\t'/:}")
    _describe slipway candidates
  fi
}
if [[ "\${funcstack[1]}" == _slipway ]]; then
  _slipway "$@"
else
  (( \${+functions[compdef]} )) || { autoload -Uz compinit && compinit }
  compdef _slipway slipway
fi
`,
  fish: `function __slipway_complete
  set -l words (commandline -opc)
  $words[1] ${completeWord} $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c slipway -a '(__slipway_complete)'
`,
};
