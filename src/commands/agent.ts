/**
 * `slipway agent RUN_DIRECTORY`: started by the launcher, not by people, and so not in the help.
 * Resolves with the exit code.
 */
export async function agentCommand(directory: string): Promise<number> {
  const [{ agentExitHeld }, { runAgent }] = await Promise.all([
    import('../agent/index.ts'),
    // Not by the index: whoever only reaches for an agent needs nothing of what an agent does.
    import('../agent/run-agent.ts'),
  ]);
  return (await runAgent(directory)) ? 0 : agentExitHeld;
}
