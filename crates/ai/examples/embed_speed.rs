//! Measures the installed models: load time, memory, one question, passages, and the local language model's tokens per
//! second. Run it with `cargo run --release -p botflow-ai --example embed_speed`.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement prints, and has nothing to recover")]

use base::Stopwatch;
use botflow_ai as ai;

/// Resident memory of this process in MB.
fn resident_mb() -> u64 {
    let pid = sysinfo::get_current_pid().unwrap();
    let mut system = sysinfo::System::new().unwrap();
    system.refresh_processes(sysinfo::ProcessesToUpdate::Some(&[pid]), true);
    system.process(pid).map_or(0, |p| p.memory() >> 20)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() {
    for id in [ai::embed::E5_ID, ai::embed::MINILM_ID] {
        let before = resident_mb();
        let watch = Stopwatch::start();
        let model = ai::embed::open(id, &ai::models::development_folder().join(id)).unwrap();
        println!(
            "{id}: loaded in {:.0} ms, holds {} MB by its own count",
            watch.elapsed_ms(),
            model.memory_bytes() >> 20
        );
        let question = "how can I change the delivery date of my order please?";
        let times = (0..100).map(|_| {
            let watch = Stopwatch::start();
            model.embed_query(question).unwrap();
            watch.elapsed_ms()
        });
        println!(
            "  question of {} tokens: {:.1} ms (median of 100)",
            model.count_tokens(question) + 5,
            median(times.collect())
        );
        let sentence = "The warranty covers manufacturing faults for two years, but not damage by water or falls. ";
        let passage = sentence.repeat(10);
        let passages = vec![passage.as_str(); 32];
        let watch = Stopwatch::start();
        model.embed_passages(&passages).unwrap();
        let per_second = 32.0 / watch.elapsed().as_secs_f64();
        println!("  passages of {} tokens: {per_second:.1} per second", model.count_tokens(&passage));
        println!("  resident: {before} MB before, {} MB after", resident_mb());
    }
    chat();
}

fn chat() {
    let model = ai::models::find("smollm2-135m-instruct").unwrap();
    let file = ai::models::development_folder().join(model.id).join(model.files[0].name);
    let before = resident_mb();
    let watch = Stopwatch::start();
    let mut chat = ai::chat::LocalChat::open(model.id, &file).unwrap();
    println!("{}: loaded in {:.0} ms, holds {} MB", model.id, watch.elapsed_ms(), chat.memory_bytes() >> 20);
    let facts = "The shop opens at nine and closes at half past eight. ".repeat(20);
    let question = format!("{facts}\nTell a long story about this shop.");
    let mut request = ai::Request::new("bench", vec![ai::Message::user(question)]);
    request.max_tokens = 100;
    for round in ["cold", "same question again"] {
        let answer = chat.generate(&request, |_| true).unwrap();
        let after = f64::from(answer.tokens_out - 1) * 1000.0 / (answer.latency_ms - answer.first_token_ms) as f64;
        let tokens = answer.tokens_in;
        println!(
            "  {round}: first word of {tokens} tokens after {} ms, then {after:.0} per second",
            answer.first_token_ms
        );
    }
    println!("  resident: {before} MB before, {} MB after", resident_mb());
}
