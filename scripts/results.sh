# shellcheck shell=bash
# Counts what the tests reported. Sourced by ./tailrace.

# Prints the failed tests and "N passed, N failed, N skipped" from the reports under $1; fails unless all passed.
print_results() {
  find "$1" -type d \( -name node_modules -o -name .git \) -prune -o \
    -path '*/target/surefire-reports/TEST-*.xml' -print0 |
    xargs -0 -r cat |
    awk '
      function attribute(name,    found) {
        if (!match($0, " " name "=\"[^\"]*\"")) return ""
        found = substr($0, RSTART, RLENGTH)
        sub(/^[^"]*"/, "", found); sub(/"$/, "", found)
        return found
      }
      /<testcase / { tests++; test = attribute("classname") "." attribute("name"); counted = 0 }
      /<(failure|error)[ >\/]/ && !counted {
        failed++; counted = 1
        print "FAILED " test
        reason = attribute("message")
        gsub(/&#10;/, "\n  ", reason); gsub(/&lt;/, "<", reason); gsub(/&gt;/, ">", reason)
        gsub(/&quot;/, "\"", reason); gsub(/&apos;/, "\047", reason); gsub(/&amp;/, "\\&", reason)
        sub(/^[ \n]+/, "", reason)
        if (reason != "") print "  " substr(reason, 1, 2000)
      }
      /<skipped[ >\/]/ && !counted { skipped++; counted = 1 }
      END {
        printf "%d passed, %d failed, %d skipped\n", tests - failed - skipped, failed, skipped
        exit !(tests > 0 && failed == 0)
      }'
}

# Prints the table of the delivery contract from the rows under $1, if there are any; fails if a promise was broken.
print_delivery() {
  [[ -d $1/target/delivery ]] || return 0
  echo
  echo "The delivery contract (docs/contracts/delivery.md)"
  # shellcheck disable=SC2154 # java_home: set by ./tailrace
  "$java_home/bin/java" -cp "$1/delivery/target/classes" io.tailrace.delivery.DeliveryTable "$1/target/delivery"
}
