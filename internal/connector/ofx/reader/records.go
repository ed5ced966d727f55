package reader

import "bytes"

// records are the elements that are never leaves and never inside one of their own name: text in them is noise, and the
// next of the same name ends them. Responses and message sets are recognised by the end of their names.
var records = func() map[string]bool {
	m := map[string]bool{}
	for _, name := range []string{
		"OFX", "STATUS", "FI", "LEDGERBAL", "AVAILBAL", "INVBAL", "BAL", "ACCTINFO",
		"BANKACCTFROM", "CCACCTFROM", "INVACCTFROM", "LOANACCTFROM", "BANKACCTINFO", "CCACCTINFO", "INVACCTINFO", "LOANACCTINFO",
		"STMTTRN", "STMTTRNP", "LOANSTMTTRN", "INVBANKTRAN", "INVTRAN", "INVBUY", "INVSELL", "INVPOS", "SECINFO", "SECID",
		"BUYDEBT", "BUYMF", "BUYOPT", "BUYOTHER", "BUYSTOCK", "SELLDEBT", "SELLMF", "SELLOPT", "SELLOTHER", "SELLSTOCK",
		"CLOSUREOPT", "INCOME", "INVEXPENSE", "JRNLFUND", "JRNLSEC", "MARGININTEREST", "REINVEST", "RETOFCAP", "SPLIT", "TRANSFER",
		"POSDEBT", "POSMF", "POSOPT", "POSOTHER", "POSSTOCK", "DEBTINFO", "MFINFO", "OPTINFO", "OTHERINFO", "STOCKINFO",
		"SONRS", "STMTRS", "CCSTMTRS", "INVSTMTRS", "LOANSTMTRS", "ACCTINFORS",
	} {
		m[name] = true
	}
	return m
}()

// A list is deliberately no record: Nubank leaves BANKTRANLIST open, so that the balance seems to be in it. As an element
// without an end it gives what is in it back to the statement.

func isRecord(name []byte) bool {
	return records[string(name)] || bytes.HasSuffix(name, []byte("TRNRS")) || bytes.HasSuffix(name, []byte("MSGSRSV1"))
}
