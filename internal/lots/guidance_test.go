package lots

import "testing"

// What tax authorities and issuers have worked out, in their figures. Where they round to whole dollars, the cents are ours.
func TestPublicGuidance(t *testing.T) {
	fund := func(t *testing.T, method Method) *Book {
		return play(method, event(t, "2008-02-06 buy FUND 160 4000"), event(t, "2008-08-07 buy FUND 240 4800"),
			event(t, "2008-12-18 buy FUND 10 300"), event(t, "2009-10-01 sell FUND 210 6720"))
	}
	options := func(t *testing.T, then ...Event) *Book {
		return play(FIFO, append([]Event{event(t, "2022-04-08 buy JJJ 1000 4000")}, then...)...)
	}
	written := func(t *testing.T, then ...Event) *Book {
		return play(FIFO, append([]Event{event(t, "2022-04-08 sell-short JJJ 1000 4000")}, then...)...)
	}
	for _, c := range []struct {
		source     string
		book       func(t *testing.T) *Book
		securities []string
		open, gone []string
	}{
		{
			"IRS Publication 550, stock dividends: one share bought for $45 becomes three", func(t *testing.T) *Book {
				return play(FIFO, event(t, "1998-03-02 buy XYZ 1 45"), event(t, "1999-03-02 split XYZ 2"))
			}, []string{"XYZ"}, []string{"XYZ 1998-03-02 3 cost 45"}, nil,
		},
		{
			"IRS Publication 550, stock dividends: shares of $30 and of $45 become six", func(t *testing.T) *Book {
				return play(FIFO, event(t, "1998-03-02 buy XYZ 1 30"), event(t, "1998-05-04 buy XYZ 1 45"), event(t, "1999-03-02 split XYZ 4"))
			}, []string{"XYZ"}, []string{"XYZ 1998-03-02 3 cost 30", "XYZ 1998-05-04 3 cost 45"}, nil,
		},
		{
			"IRS, frequently asked questions on stock splits: 100 at $10 and 100 at $12, two for one", func(t *testing.T) *Book {
				return play(FIFO, event(t, "2015-01-05 buy XYZ 100 1000"), event(t, "2016-01-05 buy XYZ 100 1200"), event(t, "2017-01-05 split XYZ 0", ratio("2", "1")))
			}, []string{"XYZ"}, []string{"XYZ 2015-01-05 200 cost 1000", "XYZ 2016-01-05 200 cost 1200"}, nil,
		},
		{
			"IRS Publication 564 (2009), Table 3, cost basis first in, first out: 210 shares have $5,000", func(t *testing.T) *Book { return fund(t, FIFO) },
			[]string{"FUND"}, []string{"FUND 2008-08-07 190 cost 3800", "FUND 2008-12-18 10 cost 300"},
			[]string{"FUND 160 cost 4000 proceeds 5120 gain 1120 long", "FUND 50 cost 1000 proceeds 1600 gain 600 long"},
		},
		{
			// $9,100 by 410 shares is $22.20, which the publication rounds before it multiplies: $4,662.
			"IRS Publication 564 (2009), Table 3, average basis of one category: 210 shares have $4,660.98", func(t *testing.T) *Book { return fund(t, Average) },
			[]string{"FUND"}, []string{"FUND 2008-08-07 190 cost 4217.07", "FUND 2008-12-18 10 cost 221.95"},
			[]string{"FUND 160 cost 3551.22 proceeds 5120 gain 1568.78 long", "FUND 50 cost 1109.76 proceeds 1600 gain 490.24 long"},
		},
		{
			"IRS Publication 564 (2009), average basis: 150 of 300 shares that cost $4,800 have $2,400, and later 50 of 300 have $750", func(t *testing.T) *Book {
				return play(Average, event(t, "2008-05-15 buy FUND 100 1000"), event(t, "2008-06-16 buy FUND 100 1200"), event(t, "2008-07-15 buy FUND 100 2600"),
					event(t, "2009-05-11 sell FUND 150 2700"), event(t, "2009-09-21 buy FUND 150 2100"), event(t, "2009-12-16 sell FUND 50 800"))
			}, []string{"FUND"},
			[]string{"FUND 2008-07-15 100 cost 1500", "FUND 2009-09-21 150 cost 2250"},
			[]string{"FUND 100 cost 1600 proceeds 1800 gain 200 short", "FUND 50 cost 800 proceeds 900 gain 100 short", "FUND 50 cost 750 proceeds 800 gain 50 long"},
		},
		{
			"IRS Publication 564 (2009), holding period of averaged shares: 200 of May 2008 are long-term, 100 of May 2009 short-term", func(t *testing.T) *Book {
				return play(Average, event(t, "2008-05-15 buy LJO 200 2000"), event(t, "2009-05-14 buy LJO 200 3000"), event(t, "2009-11-10 sell LJO 300 6000"))
			}, []string{"LJO"}, []string{"LJO 2009-05-14 100 cost 1250"},
			[]string{"LJO 200 cost 2500 proceeds 4000 gain 1500 long", "LJO 100 cost 1250 proceeds 2000 gain 750 short"},
		},
		{
			"IRS Publication 17 (2017), nondividend distributions: $80 and $30 of stock that cost $100", func(t *testing.T) *Book {
				return play(FIFO, event(t, "2004-06-01 buy XYZ 1 100"), event(t, "2007-06-01 return-of-capital XYZ 0 80"), event(t, "2017-06-01 return-of-capital XYZ 0 30"))
			}, []string{"XYZ"}, []string{"XYZ 2004-06-01 1 cost 0"},
			[]string{"XYZ 0 cost 80 proceeds 80 gain 0 long", "XYZ 0 cost 20 proceeds 30 gain 10 long"},
		},
		{
			"IRS Publication 550, reinvestment: what a dividend buys costs the dividend", func(t *testing.T) *Book {
				return play(FIFO, event(t, "2020-01-06 buy XYZ 100 2500"), event(t, "2020-04-01 buy XYZ 1.25 30"))
			}, []string{"XYZ"}, []string{"XYZ 2020-01-06 100 cost 2500", "XYZ 2020-04-01 1.25 cost 30"}, nil,
		},
		{
			"IRS, instructions for Schedule D (2011), short sales: 10 borrowed shares sold for $100 are bought for $80", func(t *testing.T) *Book {
				return play(FIFO, event(t, "2011-03-01 sell-short XYZ 10 100"), event(t, "2011-06-01 cover XYZ 10 80"))
			}, []string{"XYZ"}, nil, []string{"XYZ 10 cost 80 proceeds 100 gain 20 short"},
		},
		{
			"IRS Publication 550, options, expiration: the holder of ten calls that cost $4,000 loses it", func(t *testing.T) *Book {
				return options(t, event(t, "2022-12-16 expire JJJ -1000"))
			}, []string{"JJJ"}, nil, []string{"JJJ 1000 cost 4000 proceeds 0 gain -4000 short"},
		},
		{
			"IRS Publication 550, options, expiration: their writer gains it", func(t *testing.T) *Book {
				return written(t, event(t, "2022-12-16 expire JJJ 1000"))
			}, []string{"JJJ"}, nil, []string{"JJJ 1000 cost 0 proceeds 4000 gain 4000 short"},
		},
		{
			"IRS Publication 550, options, closing transaction: sold for $6,000", func(t *testing.T) *Book {
				return options(t, event(t, "2022-05-10 sell JJJ 1000 6000"))
			}, []string{"JJJ"}, nil, []string{"JJJ 1000 cost 4000 proceeds 6000 gain 2000 short"},
		},
		{
			"IRS Publication 550, options, closing transaction: bought back for $6,000", func(t *testing.T) *Book {
				return written(t, event(t, "2022-05-10 cover JJJ 1000 6000"))
			}, []string{"JJJ"}, nil, []string{"JJJ 1000 cost 6000 proceeds 4000 gain -2000 short"},
		},
		{
			"IRS Publication 550, options, exercise: the buyer adds the cost of the calls to the basis of the stock", func(t *testing.T) *Book {
				return options(t, event(t, "2022-05-27 exercise JJJ -1000", trades(event(t, "2022-05-27 buy STOCK 1000 50000"))))
			}, []string{"JJJ", "STOCK"}, []string{"STOCK 2022-05-27 1000 cost 54000"}, []string{"JJJ 1000 cost 4000 proceeds - gain - short"},
		},
		{
			"IRS Publication 550, options, exercise: the writer adds what was received to the amount realized, and the term is that of the stock", func(t *testing.T) *Book {
				return play(FIFO, event(t, "2020-01-06 buy STOCK 1000 30000"), event(t, "2022-04-08 sell-short JJJ 1000 4000"),
					event(t, "2022-05-27 exercise JJJ 1000", trades(event(t, "2022-05-27 sell STOCK 1000 50000"))))
			}, []string{"JJJ", "STOCK"}, nil,
			[]string{"JJJ 1000 cost - proceeds 4000 gain - short", "STOCK 1000 cost 30000 proceeds 54000 gain 24000 long"},
		},
		{
			"IRS Publication 550, puts: the writer's basis in what is put to them is less by what was received", func(t *testing.T) *Book {
				return play(FIFO, event(t, "2022-04-08 sell-short PUT 100 250"), event(t, "2022-05-27 exercise PUT 100", trades(event(t, "2022-05-27 buy STOCK 100 5000"))))
			}, []string{"STOCK"}, []string{"STOCK 2022-05-27 100 cost 4750"}, []string{"PUT 100 cost - proceeds 250 gain - short"},
		},
		{
			"IRS Publication 550, puts: the holder's amount realized is less by what the put cost", func(t *testing.T) *Book {
				return play(FIFO, event(t, "2022-01-03 buy STOCK 100 4000"), event(t, "2022-04-08 buy PUT 100 225"),
					event(t, "2022-05-27 exercise PUT -100", trades(event(t, "2022-05-27 sell STOCK 100 4415"))))
			}, []string{"STOCK", "PUT"}, nil, []string{"PUT 100 cost 225 proceeds - gain - short", "STOCK 100 cost 4000 proceeds 4190 gain 190 short"},
		},
		{
			// The publication rounds to $592 and $4,808.
			"IRS Publication 550, corporate divisions: 10.9624% of $5,400 goes to 25 shares of SFH", func(t *testing.T) *Book {
				return play(FIFO, event(t, "2010-07-26 buy RGB 75 5400"), event(t, "2013-07-26 spin-off RGB 0", into("SFH", "25"), share("0.109624")))
			}, []string{"RGB", "SFH"}, []string{"RGB 2010-07-26 75 cost 4808.03", "SFH 2010-07-26 25 cost 591.97"}, nil,
		},
		{
			"26 USC 356 and 358, in the figures of the sale of Ocular Sciences (2005): $22 and 0.3879 shares for each; the gain is taxed as far as there is money", func(t *testing.T) *Book {
				return play(FIFO, event(t, "2002-02-12 buy OCLR 100 2400"), event(t, "2005-01-06 merger OCLR 100 2200", into("COO", "38.79"), worth("2812.66")),
					event(t, "2005-01-06 sell COO 0.79 57.28"))
			}, []string{"OCLR", "COO"}, []string{"COO 2002-02-12 38 cost 2351.12"},
			[]string{"OCLR 0 cost 0 proceeds 2200 gain 2200 long", "COO 0.79 cost 48.88 proceeds 57.28 gain 8.4 long"},
		},
		{
			"26 USC 356(c): a loss is not taken where shares are received too; the basis is $42,000 less $10,000", func(t *testing.T) *Book {
				return play(FIFO, event(t, "2015-02-02 buy HOT 1000 42000"), event(t, "2016-09-23 merger HOT 1000 10000", into("MAR", "400"), worth("28000")))
			}, []string{"MAR"}, []string{"MAR 2015-02-02 400 cost 32000"}, []string{"HOT 0 cost 10000 proceeds 10000 gain 0 long"},
		},
		{
			"an issuer's notice by Form 8937, shares for shares with cash in lieu: $100 in 50 shares becomes $100 in 64.1, of which 0.1 is sold", func(t *testing.T) *Book {
				return play(FIFO, event(t, "2019-04-01 buy ABC 50 100"), event(t, "2021-04-01 merger ABC 50", into("NEW", "64.1")), event(t, "2021-04-01 sell NEW 0.1 6.67"))
			}, []string{"NEW"}, []string{"NEW 2019-04-01 64 cost 99.84"}, []string{"NEW 0.1 cost 0.16 proceeds 6.67 gain 6.51 long"},
		},
		{
			"26 CFR 1.6045-1(d)(2): shares whose day is not known go first, then the oldest", func(t *testing.T) *Book {
				return play(FIFO, event(t, "2019-04-01 buy ABC 50 100"), event(t, "2020-04-01 transfer-in ABC 30"), event(t, "2021-04-01 sell ABC 40 400"))
			}, []string{"ABC"}, []string{"ABC 2019-04-01 40 cost 80"},
			[]string{"ABC 30 cost - proceeds 300 gain - -", "ABC 10 cost 20 proceeds 100 gain 80 long"},
		},
	} {
		t.Run(c.source, func(t *testing.T) {
			b := c.book(t)
			expect(t, "open", open(b, c.securities...), c.open...)
			expect(t, "closed", gone(b), c.gone...)
		})
	}
}
