package assets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"weft/internal/job"
	"weft/internal/plaid"
	"weft/internal/product/assets/report"
	"weft/internal/store"
)

// generation is the argument of a job that makes a report.
type generation struct {
	ReportID    string `json:"report_id"`
	Client      string `json:"client"`
	Environment string `json:"environment"`
}

// attempts are how often the making of a report is tried; after the last the report has failed. The job has some more, for one during
// whose last attempt the server was killed: it still has to say so.
const (
	attempts     = 8
	moreAttempts = 4
)

// endingTimeout bounds the writing of why a report could not be made.
const endingTimeout = 10 * time.Second

// enqueue has a report made.
func (s *service) enqueue(ctx context.Context, tx *store.Tx, r *row) error {
	_, err := s.making.Enqueue(ctx, tx, generation{r.ID, r.Tenant.Client, r.Tenant.Environment}, job.Options{Key: r.ID})
	return err
}

// generate makes a report: it asks the banks, reads all Items at one moment, and writes the report, which then waits no longer, with the
// webhook that tells of it. Whatever is killed on the way is done again.
func (s *service) generate(ctx context.Context, j job.Job[generation]) error {
	r, err := s.byID(ctx, s.items.DB, store.Tenant{Client: j.Args.Client, Environment: j.Args.Environment}, j.Args.ReportID)
	if errors.Is(err, store.ErrNotFound) || (err == nil && r.ReadyAt != nil) {
		return nil
	}
	if err != nil {
		return err
	}
	err = s.make(ctx, &r)
	// A server that stops, or has lost the job, has not failed.
	if err == nil || j.Attempt < attempts || errors.Is(ctx.Err(), context.Canceled) {
		return err
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), endingTimeout)
	defer cancel()
	if failed := s.giveUp(ending, &r, "ASSET_REPORT_GENERATION_FAILED", nil); failed != nil {
		return errors.Join(err, failed)
	}
	return job.GiveUp(err)
}

// make is an attempt at a report. Its errors are those that another attempt may not meet; an Item that cannot be read, whose error is
// its bank's or its user's, ends the report, or is left out of it.
func (s *service) make(ctx context.Context, r *row) error {
	failed, err := s.ask(ctx, r)
	if err != nil {
		return err
	}
	if len(failed) > 0 && (r.Request.RequireAllItems || len(failed) == len(r.Request.Items)) {
		return s.giveUp(ctx, r, "DATA_UNAVAILABLE", failed)
	}
	made, err := s.read(ctx, r, failed)
	if err != nil {
		return err
	}
	return s.items.DB.Write(ctx, func(tx *store.Tx) error {
		first, err := s.finish(ctx, tx, r, made)
		if err != nil || !first {
			return err
		}
		return s.tellReady(ctx, tx, r, made)
	})
}

// tellReady tells that a report is ready, in both its forms where it has two.
func (s *service) tellReady(ctx context.Context, tx *store.Tx, r *row, made report.Stored) error {
	if slices.Contains(r.Request.AddOns, fastAssets) && !made.Unowned() {
		if err := s.tell(ctx, tx, r, "PRODUCT_READY", readyMembers{r.ID, fast}); err != nil {
			return err
		}
	}
	return s.tell(ctx, tx, r, "PRODUCT_READY", readyMembers{r.ID, full})
}

// giveUp writes that a report cannot be made, and tells of it.
func (s *service) giveUp(ctx context.Context, r *row, code plaid.Code, causes []plaid.ItemCause) error {
	e := reportError(plaid.Err(code))
	e.Causes = causes
	return s.items.DB.Write(ctx, func(tx *store.Tx) error {
		first, err := s.fail(ctx, tx, r, e)
		if err != nil || !first {
			return err
		}
		return s.tell(ctx, tx, r, "ERROR", errorMembers{e.Wire(), r.ID})
	})
}

// ask has the banks state anew what the Items have, and gives the product to those that do not have it. It returns the errors of the
// Items of which nothing new can be had; its own error is none of theirs.
func (s *service) ask(ctx context.Context, r *row) (failed []plaid.ItemCause, err error) {
	for _, id := range r.Request.Items {
		it, err := s.items.ItemByID(ctx, r.Tenant, id)
		switch {
		case err != nil:
		case it.Has(productName):
			_, err = s.items.Refresh(ctx, it)
		default:
			_, err = s.items.AddProduct(ctx, it, productName, 0)
		}
		var pe *plaid.Error
		if errors.As(err, &pe) {
			failed = append(failed, plaid.CauseOf(id, pe))
		} else if err != nil {
			return nil, fmt.Errorf("item %s: %w", id, err)
		}
	}
	return failed, nil
}

// read makes the report of the Items that answered, as they stand together at one moment.
func (s *service) read(ctx context.Context, r *row, failed []plaid.ItemCause) (made report.Stored, err error) {
	q := r.Request
	made = report.Stored{Report: report.Report{AssetReportID: r.ID, ClientReportID: q.ClientReportID, DaysRequested: q.Days, User: q.User}}
	err = s.items.DB.Read(ctx, func(tx *store.Tx) error {
		made.Report.DateGenerated, made.Report.Items, made.Warnings = plaid.Timestamp(tx.Now.Truncate(time.Second)), []report.Item{}, []report.Warning{} // it may run again
		for _, id := range q.Items {
			if i := slices.IndexFunc(failed, func(c plaid.ItemCause) bool { return c.ItemID == id }); i >= 0 {
				made.Warnings = append(made.Warnings, report.Warning{WarningType: "ASSET_REPORT_WARNING", WarningCode: report.TransactionsUnavailable, Cause: failed[i]})
				continue
			}
			it, warnings, err := s.readItem(ctx, tx, r.Tenant, id, q)
			if err != nil {
				return fmt.Errorf("item %s: %w", id, err)
			}
			made.Report.Items, made.Warnings = append(made.Report.Items, it), append(made.Warnings, warnings...)
		}
		return nil
	})
	if err == nil && len(q.Excluded) > 0 {
		made.Report, _ = made.Report.WithoutAccounts(q.Excluded)
	}
	return made, err
}

// readItem reads what a report has of an Item.
func (s *service) readItem(ctx context.Context, tx *store.Tx, tenant store.Tenant, id string, q request) (out report.Item, warnings []report.Warning, err error) {
	it, err := s.items.ItemIn(ctx, tx, tenant, id)
	if err != nil {
		return out, nil, err
	}
	c, err := readContents(ctx, tx, it, q)
	if err != nil {
		return out, nil, err
	}
	out = report.Item{ItemID: it.ID, InstitutionName: it.InstitutionName, InstitutionID: it.InstitutionID, DateLastUpdated: plaid.Timestamp(c.refreshed), Accounts: []report.Account{}}
	today := plaid.DateOf(tx.Now)
	unnamed := false
	for _, a := range c.accounts {
		list := s.transactions(it, a, c)
		account := report.Account{AccountID: a.AccountID, Balances: a.Balances, Mask: a.Mask, Name: a.Name, OfficialName: a.OfficialName,
			Type: a.Type, Subtype: a.Subtype, VerificationStatus: a.VerificationStatus, PersistentAccountID: a.PersistentAccountID, Owners: c.owners[a.AccountID]}
		account.Transactions = slices.DeleteFunc(slices.Clone(list), func(t report.Transaction) bool { return t.Date < today.AddDays(-q.Days) })
		account.DaysAvailable = report.Days(list, today, q.Days)
		account.HistoricalBalances = report.Balances(account, list, today, account.DaysAvailable)
		if slices.Contains(q.AddOns, investmentsAddOn) && a.Type == "investment" {
			account.Investments = report.InvestmentsOf(a.AccountID, today.AddDays(-q.Days), c.holdings, c.securities, c.events)
		}
		unnamed = unnamed || len(account.Owners) == 0
		if account.Owners == nil {
			account.Owners = []plaid.Owner{}
		}
		out.Accounts = append(out.Accounts, account)
	}
	warn := func(code string, cause plaid.Code) {
		warnings = append(warnings, report.Warning{WarningType: "ASSET_REPORT_WARNING", WarningCode: code, Cause: plaid.CauseOf(it.ID, plaid.Err(cause))})
	}
	if unnamed {
		warn(report.OwnersUnavailable, "PRODUCTS_NOT_SUPPORTED")
	}
	if slices.Contains(q.AddOns, investmentsAddOn) && !it.Has("investments") {
		warn(report.InvestmentsUnavailable, "PRODUCTS_NOT_SUPPORTED")
	}
	return out, warnings, nil
}
