//! A form: whatever its parameters, another reader reads them back, another writer writes the same
//! bytes, and the string to sign is the specification's.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use protocol_core::allinpay::Parameters;

fuzz_target!(|bytes: &[u8]| {
    let pairs: BTreeMap<String, String> = form_urlencoded::parse(bytes).into_owned().collect();
    let mut parameters = Parameters::default();
    // From the back: their order has no meaning.
    for (name, value) in pairs.iter().rev() {
        assert_eq!(parameters.set(name.clone(), value.clone()), None);
    }
    let body = fuzz::within(16, bytes.len(), || parameters.encode());
    assert_eq!(form_urlencoded::parse(body.as_bytes()).into_owned().collect::<BTreeMap<_, _>>(), pairs);
    assert_eq!(form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish(), body);

    let mut expected = Vec::new();
    for (name, value) in &pairs {
        assert_eq!(parameters.get(name), Some(value.as_str()));
        if name != "sign" && !value.is_empty() {
            expected.push(format!("{name}={value}"));
        }
    }
    assert_eq!(parameters.parts_to_sign().concat(), expected.join("&").as_bytes());
});
