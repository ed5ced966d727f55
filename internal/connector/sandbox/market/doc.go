// Package market is the simulated market behind the sandbox's banks: securities with their master data, daily closing
// prices, exchange rates and corporate actions. All of it is a pure function of (seed, ticker, day), so every Item sees
// the same price on the same day, in every process and on every platform.
//
// A price is base x exp(trend + noise). The noise is Brownian motion built by midpoint displacement (Lévy's construction)
// on blocks of 512 calendar days: the value of one day is found from about a dozen hashes of fixed dates, without walking
// through the days before it. So there is no cache, nothing grows, and a later question cannot change an earlier answer.
// The arithmetic is on integers, which makes the digits the same everywhere.
//
// Stocks, funds and currencies stand in securities.json. Three families are derived from their symbol instead: listed
// options (their OCC symbol), Treasury bills, notes and bonds (UST-13W-20261029) and the yearly series of invented
// companies (HBL26) that exist so that any two years hold a merger and a spin-off. Real tickers never split here; the
// invented TWFD does, each year.
//
// Equities, funds and options keep the calendar of the New York exchanges; cryptocurrencies trade every day. The market
// is open from 2000 to 2099; outside there are no prices.
package market
