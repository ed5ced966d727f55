package user_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/ident"
	"weft/internal/plaid"
	"weft/internal/seal"
	"weft/internal/store"
	"weft/internal/store/storetest"
	"weft/internal/user"
	"weft/internal/user/identity"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var tenant = store.Tenant{Client: "client", Environment: plaid.Sandbox}

func newService(t *testing.T, db *store.DB) *user.Service {
	t.Helper()
	content, err := seal.Generate()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	return &user.Service{DB: db, Keys: keys, IDs: ident.System()}
}

func ptr[T any](v T) *T { return &v }

// person is somebody whose data is easily found again.
func person() *identity.Identity {
	return &identity.Identity{
		Name:   &identity.Name{GivenName: ptr("Secretia"), FamilyName: ptr("Hidden")},
		Emails: []identity.Contact{{Data: ptr("secretia@example.com"), Primary: ptr(true)}},
	}
}

func code(err error) plaid.Code {
	var pe *plaid.Error
	if errors.As(err, &pe) {
		return pe.Code
	}
	return ""
}

// Of users of one client_user_id that are made at once, one comes to be.
func TestOneUserForAClientUserID(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newService(t, db)
		for _, token := range []bool{false, true} {
			var mu sync.Mutex
			var wg sync.WaitGroup
			made, refused, names := 0, 0, map[string]bool{}
			for range 8 {
				wg.Go(func() {
					u, isNew, err := s.Create(t.Context(), tenant, user.Wanted{ClientUserID: "same " + map[bool]string{true: "token"}[token], Token: token})
					mu.Lock()
					defer mu.Unlock()
					switch {
					case code(err) == "INVALID_FIELD":
						refused++
					case err != nil:
						t.Error(err)
					default:
						names[u.Name()] = true
					}
					if isNew && err == nil {
						made++
					}
				})
			}
			wg.Wait()
			if want := map[bool]int{true: 7}[token]; made != 1 || refused != want || len(names) != 1 {
				t.Errorf("token %v: %d made, %d refused, names %v", token, made, refused, names)
			}
		}
	})
}

// What is known of a person, and the token, is nowhere in clear in the row, and opens in no other place.
func TestRowsAreSealed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newService(t, db)
		u, _, err := s.Create(t.Context(), tenant, user.Wanted{ClientUserID: "u", Token: true, Identity: person()})
		if err != nil {
			t.Fatal(err)
		}
		other, _, err := s.Create(t.Context(), tenant, user.Wanted{ClientUserID: "v"})
		if err != nil {
			t.Fatal(err)
		}
		var hash, record string
		if err := db.QueryRow(t.Context(), `select token_hash, record from users where client_user_id = 'u'`).Scan(&hash, &record); err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"Secretia", "Hidden", "secretia@example.com", u.Token} {
			if strings.Contains(hash+record, secret) {
				t.Errorf("%q is in the row: %s %s", secret, hash, record)
			}
		}
		err = db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `update users set record = $1 where user_id = $2`, record, other.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Get(t.Context(), tenant, other.ID); err == nil {
			t.Error("a record was opened in another user's row")
		}
	})
}

// Two updates at once lose nothing of each other.
func TestUpdatesMerge(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		s := newService(t, db)
		u, _, err := s.Create(t.Context(), tenant, user.Wanted{ClientUserID: "u", Identity: person()})
		if err != nil {
			t.Fatal(err)
		}
		c.Advance(time.Hour)
		var wg sync.WaitGroup
		for _, with := range []identity.Identity{
			{DateOfBirth: ptr("1990-01-01")}, {PhoneNumbers: []identity.Contact{{Data: ptr("+14155550123"), Primary: ptr(true)}}},
			{Emails: []identity.Contact{}}, {IDNumbers: []identity.Number{{Value: ptr("1234"), Type: ptr("us_ssn_last_4")}}},
		} {
			wg.Go(func() {
				if err := s.Update(t.Context(), tenant, &u.ID, nil, func(user.User) (identity.Identity, error) { return with, nil }); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		got, err := s.Get(t.Context(), tenant, u.ID)
		if err != nil {
			t.Fatal(err)
		}
		id := got.Identity
		if *id.Name.GivenName != "Secretia" || *id.DateOfBirth != "1990-01-01" || len(id.PhoneNumbers) != 1 || len(id.Emails) != 0 || len(id.IDNumbers) != 1 {
			t.Errorf("after all updates: %+v", id)
		}
		if !got.CreatedAt.Equal(storetest.Start) || !got.UpdatedAt.Equal(storetest.Start.Add(time.Hour)) {
			t.Errorf("times %v, %v", got.CreatedAt, got.UpdatedAt)
		}
	})
}

// Of a removed user nothing is left but, for one with a token, the name that is spent.
func TestRemovedUsersLeaveNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newService(t, db)
		for _, token := range []bool{false, true} {
			u, _, err := s.Create(t.Context(), tenant, user.Wanted{ClientUserID: "u", Token: token, Identity: person()})
			if err != nil {
				t.Fatal(err)
			}
			remove := func(tx *store.Tx) error {
				if err := user.Hold(t.Context(), tx, tenant, u.ID); err != nil {
					return err
				}
				return s.Remove(t.Context(), tx, tenant, u.ID)
			}
			if err := db.Write(t.Context(), remove); err != nil {
				t.Fatal(err)
			}
			if err := db.Write(t.Context(), remove); code(err) != "USER_NOT_FOUND" {
				t.Errorf("a removed user can be held: %v", err)
			}
			var rows, left int
			if err := db.QueryRow(t.Context(), `select count(*), count(case when record <> '' or token_hash is not null then 1 end) from users`).Scan(&rows, &left); err != nil {
				t.Fatal(err)
			}
			if want := map[bool]int{true: 1}[token]; rows != want || left != 0 {
				t.Errorf("token %v: %d rows are left, %d of them with a record", token, rows, left)
			}
		}
	})
}
