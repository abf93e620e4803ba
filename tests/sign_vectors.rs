//! Signing on the host, held against answers that others computed: the vendor's documents, an article, SDKs, and Python's `hmac`.

use bytes::BytesMut;
use mqttbytes::v4::{self, Packet};
use nt35e::aliyun::DeviceClientId;
use nt35e::aliyun::sign::{Credentials, Parameters, SecureMode, SignMethod, Signing, Timestamp};
use nt35e::{InvalidField, Triple};

/// Made up.
const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// One row of `aliyun.md` §3.
struct Vector {
    name: &'static str,
    triple: [&'static str; 3],
    client_id: &'static str,
    signing: fn() -> Result<Signing<'static>, InvalidField>,
    secure_mode: SecureMode,
    /// The MQTT client id, with its parameters in the order of the vendor's documents.
    full_client_id: &'static str,
    password: &'static str,
}

const VECTORS: [Vector; 9] = [
    Vector {
        name: "V1, the vendor's documents",
        triple: ["pk", "device", "secret"],
        client_id: "12345",
        signing: || Ok(Signing::new(SignMethod::HMAC_SHA1).timestamp(Timestamp::new("789")?)),
        secure_mode: SecureMode::Plain,
        full_client_id: "12345|securemode=3,signmethod=hmacsha1,timestamp=789|",
        password: "FAFD82A3D602B37FB0FA8B7892F24A477F851A14",
    },
    Vector {
        name: "V2, the packet of an article",
        triple: ["1234", "5678", "1234567890"],
        client_id: "abc",
        signing: || Ok(Signing::new(SignMethod::HMAC_SHA1).timestamp(Timestamp::new("120")?)),
        secure_mode: SecureMode::Plain,
        full_client_id: "abc|securemode=3,signmethod=hmacsha1,timestamp=120|",
        password: "222750DEDFE4F774002EE87EED29CFD0638C5F66",
    },
    Vector {
        name: "V3, a test of an SDK",
        triple: ["123456789", "abcdefg", "Y877Bgo8X5owd3lcB5wWDjryNPoB"],
        client_id: "123456789.abcdefg",
        signing: || Ok(Signing::new(SignMethod::HMAC_MD5).timestamp(Timestamp::new("32472115200")?)),
        secure_mode: SecureMode::Plain,
        full_client_id: "123456789.abcdefg|securemode=3,signmethod=hmacmd5,timestamp=32472115200|",
        password: "16CB9B20009795D576E9172CDC820646",
    },
    Vector {
        name: "V5, another of the same",
        triple: ["123456789", "abcdefg", "Y877Bgo8X5owd3lcB5wWDjryNPoB"],
        client_id: "123456789.abcdefg",
        signing: || Ok(Signing::new(SignMethod::HMAC_SHA256).timestamp(Timestamp::new("32472115200")?)),
        secure_mode: SecureMode::Plain,
        full_client_id: "123456789.abcdefg|securemode=3,signmethod=hmacsha256,timestamp=32472115200|",
        password: "2842DC9F2FBA19C671DD3F4D24590D41F91C25FD9BC4E5101951BEA88B7DEACD",
    },
    Vector {
        name: "S1, as the vendor's SDK signs",
        triple: ["a1JszCpjS61", "NT35E_06011", SECRET],
        client_id: "a1JszCpjS61.NT35E_06011",
        signing: || {
            let signing = Signing::new(SignMethod::HMAC_SHA256).timestamp(Timestamp::OF_THE_SDKS);
            Ok(signing.parameters(Parameters::new("_ss=1,_v=sdk-c-4.1.0,ext=3")?))
        },
        secure_mode: SecureMode::Plain,
        full_client_id: "a1JszCpjS61.NT35E_06011|securemode=3,signmethod=hmacsha256,timestamp=2524608000000,_ss=1,_v=sdk-c-4.1.0,ext=3|",
        password: "C54979EFCD037B2B4121E18A65846A337E1914B31BDD7AD22B456861ED19EEEF",
    },
    Vector {
        name: "S2",
        triple: ["a1JszCpjS61", "NT35E_06011", SECRET],
        client_id: "NT35E_06011",
        signing: || Ok(Signing::new(SignMethod::HMAC_SHA1).timestamp(Timestamp::OF_THE_SDKS)),
        secure_mode: SecureMode::Plain,
        full_client_id: "NT35E_06011|securemode=3,signmethod=hmacsha1,timestamp=2524608000000|",
        password: "C369DEF3E07C901991E4043474BD24C37D8544AB",
    },
    Vector {
        name: "S4, without a timestamp",
        triple: ["a1JszCpjS61", "NT35E_06011", SECRET],
        client_id: "NT35E",
        signing: || Ok(Signing::new(SignMethod::HMAC_SHA1)),
        secure_mode: SecureMode::Plain,
        full_client_id: "NT35E|securemode=3,signmethod=hmacsha1|",
        password: "182DD9EA34CF9259512E7D3365BDFE76BF45C5B5",
    },
    Vector {
        name: "S5, over TLS",
        triple: ["a1JszCpjS61", "NT35E_06011", SECRET],
        client_id: "NT35E",
        signing: || Ok(Signing::new(SignMethod::HMAC_SHA256)),
        secure_mode: SecureMode::Tls,
        full_client_id: "NT35E|securemode=2,signmethod=hmacsha256|",
        password: "D3932157F7ADCF2036046D08926A6FC28333D47028B2638D44E7DD00690839E2",
    },
    Vector {
        name: "computed by Python: the first digit is a 0, which a conversion through a number loses",
        triple: ["a1JszCpjS61", "NT35E_06011", SECRET],
        client_id: "NT35E14",
        signing: || Ok(Signing::new(SignMethod::HMAC_SHA256).timestamp(Timestamp::OF_THE_SDKS)),
        secure_mode: SecureMode::Plain,
        full_client_id: "NT35E14|securemode=3,signmethod=hmacsha256,timestamp=2524608000000|",
        password: "07FE9E37512052E97AE7CF986C5E9FB477F306706BFF27F6071E4C73818FFE1A",
    },
];

impl Vector {
    fn credentials(&self) -> Credentials {
        let [product_key, device_name, device_secret] = self.triple;
        let triple = Triple::new(product_key, device_name, device_secret).unwrap();
        let client_id = DeviceClientId::new(self.client_id).unwrap();
        (self.signing)().unwrap().credentials(triple, client_id, self.secure_mode)
    }
}

#[test]
fn every_vector_comes_out() {
    for vector in &VECTORS {
        let credentials = vector.credentials();
        let [product_key, device_name, _] = vector.triple;
        assert_eq!(credentials.client_id(), vector.full_client_id, "{}", vector.name);
        assert_eq!(credentials.user_name(), format!("{device_name}&{product_key}"), "{}", vector.name);
        assert_eq!(credentials.expose_password(), vector.password, "{}", vector.name);
    }
}

/// `aliyun.md` §4: keyed with a ProductSecret, over other names, with neither client id nor timestamp.
#[test]
fn registrations_are_signed_by_the_same_methods() {
    let (sha1, sha256) = (SignMethod::HMAC_SHA1, SignMethod::HMAC_SHA256);
    for (method, secret, [device_name, product_key, random], signature) in [
        (sha1, "h1nQFYPZS0mW0000", ["device1", "al123456789", "123"], "A5FEEDEDEB0481BA1E5B6AD86CB52C0F59A645A2"),
        (
            sha256,
            "h1nQFYPZS0mW0000",
            ["device1", "al123456789", "123"],
            "C859505A3E1752F4828F8DBF5BECE22C7C4DEC29A8A2B5F38A292C3401FA7BFF",
        ),
        (
            sha256,
            "productsecret",
            ["NT35E_06011", "a1JszCpjS61", "8Ygb7ULYh53B6OA"],
            "520F888221FD04347B25D69D9A835F296900590A018BC1EC7DA59A2BE601ADF6",
        ),
    ] {
        let content = ["deviceName", device_name, "productKey", product_key, "random", random];
        assert_eq!(method.sign(secret, &content).expose(), signature);
    }
}

/// A CONNECT by the codec of another crate, with user name and password, in hex.
fn packet(credentials: &Credentials, keep_alive: u16, clean_session: bool) -> String {
    let mut connect = v4::Connect::new(credentials.client_id());
    connect.set_login(credentials.user_name(), credentials.expose_password());
    connect.keep_alive = keep_alive;
    connect.clean_session = clean_session;
    let mut bytes = BytesMut::new();
    connect.write(&mut bytes).unwrap();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_first_vector_as_a_packet() {
    let expected = concat!(
        "107600044d51545404c2012c003531323334357c7365637572656d6f64653d332c7369676e6d6574686f643d686d6163",
        "736861312c74696d657374616d703d3738397c000964657669636526706b002846414644383241334436303242333746",
        "423046413842373839324632344134373746383531413134"
    );
    assert_eq!(packet(&VECTORS[0].credentials(), 300, true), expected);
}

/// The packet as an article on NB-IoT prints it: from the remaining length on.
const OF_THE_ARTICLE: &str = concat!(
    "7400044d51545404c0007800336162637c7365637572656d6f64653d332c7369676e6d6574686f643d686d6163736861",
    "312c74696d657374616d703d3132307c0009353637382631323334002832323237353044454446453446373734303032",
    "454538374545443239434644303633384335463636"
);

#[test]
fn the_packet_of_the_article_lacks_its_first_byte() {
    // 0x10 says that it is a CONNECT; what follows is the same, byte for byte.
    assert_eq!(packet(&VECTORS[1].credentials(), 120, false), format!("10{OF_THE_ARTICLE}"));

    let bytes = |hex: &str| -> BytesMut {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    };
    let whole = v4::read(&mut bytes(&format!("10{OF_THE_ARTICLE}")), 256).unwrap();
    let Packet::Connect(connect) = whole else { panic!("{whole:?}") };
    assert_eq!((connect.client_id.as_str(), connect.keep_alive), (VECTORS[1].full_client_id, 120));
    // Without it, 0x74 is taken for the first byte: a PUBCOMP with wrong flags.
    let printed = v4::read(&mut bytes(OF_THE_ARTICLE), 256);
    assert!(!matches!(printed, Ok(Packet::Connect(_))), "{printed:?}");
}

#[test]
fn the_longest_of_everything_fits() {
    let (client_id, device_name) = ("x".repeat(64), "d".repeat(32));
    let (product_key, secret, digits) = ("p".repeat(20), "s".repeat(64), "9".repeat(20));
    let parameters = format!("_v={}", "v".repeat(121));
    let triple = Triple::new(&product_key, &device_name, &secret).unwrap();
    let signing = Signing::new(SignMethod::HMAC_SHA256)
        .timestamp(Timestamp::new(&digits).unwrap())
        .parameters(Parameters::new(&parameters).unwrap());
    let credentials = signing.credentials(triple, DeviceClientId::new(&client_id).unwrap(), SecureMode::Tls);
    let expected = format!("{client_id}|securemode=2,signmethod=hmacsha256,timestamp={digits},{parameters}|");
    assert_eq!(credentials.client_id(), expected);
    assert_eq!(credentials.client_id().len(), 256, "the most that the modem takes");
    assert_eq!(credentials.user_name(), format!("{device_name}&{product_key}"));
    // Computed by Python.
    let password = "5D25DE72B7662BAE29AB3919E68926BAE35FBF7FEE3CC050894837AE8660800E";
    assert_eq!(credentials.expose_password(), password);
}

#[test]
fn promise_9_credentials_print_without_the_password() {
    let credentials = VECTORS[7].credentials();
    let printed = format!("{credentials:?}");
    assert!(printed.contains("NT35E_06011&a1JszCpjS61") && printed.contains("<redacted>"), "{printed}");
    assert!(!printed.contains("D3932157"), "{printed}");
}
