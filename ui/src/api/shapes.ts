/** The shapes of the API under short names; all of them are generated from docs/openapi.json. */
import type { components, paths } from "@/api/schema";

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
export type CrossSignals = Schemas["CrossSignals"];
export type Alert = Schemas["AlertShown"];
export type AlertPage = Schemas["AlertPage"];

/** The exchanges that Livermore can watch, by their names; the server refuses any other. */
export type ExchangeName = paths["/api/v1/exchanges/{exchange}/readings"]["get"]["parameters"]["path"]["exchange"];

export type Person = Schemas["UserShown"];
export type Role = Person["role"];
export type Grant = Schemas["GrantShown"];
