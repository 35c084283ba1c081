export function ChartRoute() { return null; }
