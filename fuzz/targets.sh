# Shared by `brief` and `long`: the targets, and the run of one. Source it from this folder.
# Sanitizers are unstable: they need a nightly compiler, or the usual one with RUSTC_BOOTSTRAP.
toolchain=${FUZZ_TOOLCHAIN:-nightly}
if rustup run "$toolchain" rustc -V 2>/dev/null; then
    export RUSTUP_TOOLCHAIN=$toolchain
elif [[ -n ${FUZZ_TOOLCHAIN-} ]]; then
    echo "there is no toolchain $FUZZ_TOOLCHAIN" >&2
    exit 1
else
    export RUSTC_BOOTSTRAP=1
    rustc -V
fi
target_dir=${CARGO_TARGET_DIR:-$PWD/target}
built=$target_dir/$(rustc -vV | sed -n 's/^host: //p')/release

# Each target, and the dictionary of its inputs. `build` adds the names of the models.
declare -A dictionary=(
    [push_xml]=xml [push_json]=json [secure_push]=xml [push_frame]=json
    [notification]=http [resource]=json [certificates]=json [authorization]=http
    [complaint]=json [complaint_page]=json [history]=json [order_detail]=json
    [allinpay_response]=json [allinpay_records]=json [allinpay_notice]=form [form]=http
    [key_file]=key [sm2_signature]=key [configuration]=toml
    [sm2_field]=sm2 [sm2_scalar]=sm2 [sm2_verification]=sm2
    [listener]=http
    [virtual_payment]=json [virtual_payment_notice]=json
    [media_link]=http [token_response]=json [retry_after]=http [check_query]=http
)
targets=(push_xml push_json secure_push push_frame notification resource certificates authorization
    complaint complaint_page history order_detail allinpay_response allinpay_records allinpay_notice form key_file sm2_signature
    sm2_field sm2_scalar sm2_verification configuration listener media_link token_response
    virtual_payment virtual_payment_notice retry_after check_query)

build() {
    dictionaries
    # libFuzzer is C++.
    command -v c++ >/dev/null || { apt-get update && apt-get install -y g++; }
    command -v cargo-fuzz >/dev/null || cargo install cargo-fuzz --locked --version '^0.13'
    # More units give the optimiser less to see, and take a third of the time.
    cargo fuzz build --fuzz-dir . --target-dir "$target_dir" --codegen-units 16
}

# The dictionaries, with the names of the models, in the folder of what is built.
dictionaries() {
    local form
    mkdir -p "$target_dir/dictionaries"
    cp dictionaries/*.dict "$target_dir/dictionaries"
    for form in json xml form; do
        ./names "$form" >>"$target_dir/dictionaries/$form.dict"
    done
}

# fuzz TARGET LOG ARGUMENT…: libFuzzer within its own bounds. A finding is left in artifacts/TARGET.
fuzz() {
    local target=$1 log=$2
    shift 2
    mkdir -p "artifacts/$target"
    "$built/$target" -artifact_prefix="artifacts/$target/" -dict="$target_dir/dictionaries/${dictionary[$target]}.dict" \
        -timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=64 -max_len=8192 -print_final_stats=1 "$@" >"$log" 2>&1
}

# One line on a run.
tell() {
    local target=$1 log=$2 findings=$3
    local executions coverage seconds
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -1)
    coverage=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -1)
    seconds=$(sed -n 's/^Done [0-9]* runs in \([0-9]*\) second.*/\1/p' "$log" | tail -1)
    printf '%-16s %9s executions  coverage %6s  %4s s  %s findings\n' \
        "$target" "${executions:-?}" "${coverage:-?}" "${seconds:-?}" "$findings"
}
