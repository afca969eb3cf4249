/**
 * Marks a mutation that takes a password, code or token: an operation may hold one of them, so that an alias is not a way
 * to make many guesses with one request (OWASP GraphQL Cheat Sheet, "Batching Attacks").
 */
export const credentialMutation = { isCredentialMutation: true };
