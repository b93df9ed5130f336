/** What this process was handed that must not be shown, whoever shows it: filled as it is read. */
export const handedSecrets: string[] = [];
