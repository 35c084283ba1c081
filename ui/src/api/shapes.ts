/** The shapes of the API under short names; all of them are generated from docs/openapi.json. */
import type { components } from "@/api/schema";

type Schemas = components["schemas"];

export type Matrix = Schemas["Matrix"];
export type MatrixRow = Schemas["MatrixRow"];
export type Reading = Schemas["ReadingShown"];
export type Ticker = Schemas["TickerShown"];
export type Candle = Schemas["CandleShown"];
export type CandlePage = Schemas["CandlePage"];
export type Exchange = Schemas["ExchangeShown"];
export type Network = Schemas["NetworkShown"];
export type Instance = Schemas["InstanceShown"];
export type Status = Schemas["StatusShown"];
export type Activity = Schemas["ActivityShown"];
export type Alert = Schemas["AlertShown"];
export type AlertPage = Schemas["AlertPage"];
