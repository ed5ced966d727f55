package webhook_test

const childVariable = "WEFT_TEST_WEBHOOKS"

func runAsChild(string) {}
