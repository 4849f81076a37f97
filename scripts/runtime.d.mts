export function runtimeSource(): string;
